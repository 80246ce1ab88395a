import type { Host, Stack } from "../../config/schema";
import { nodeLinkOf } from "../../plan/node-link";
import { defineCheck } from "../check";
import { isOn, value } from "./user-values";

export const directRoutesOneSegment = defineCheck({
  id: "cilium/direct-routes-one-segment",
  why: "a route to a node behind a router cannot be installed, and pods of different racks cannot reach each other",
  severity: "warning",
  run: (stack) => {
    const direct = stack.cilium.routingMode === "native" && isOn(value(stack, "autoDirectNodeRoutes"));
    if (!direct || isOn(value(stack, "directRoutingSkipUnreachable"))) return [];
    const reason = severalSegments(stack);
    if (reason === undefined) return [];
    return [
      {
        at: "cilium.autoDirectNodeRoutes",
        problem: `it needs all nodes in one layer 2 segment, and ${reason}`,
        fix: "write false where routers carry the pod networks, or values.directRoutingSkipUnreachable: true",
      },
    ];
  },
});

/** Why nodes seem to be in several segments: VLANs of different numbers, or racks with routers of their own. */
function severalSegments({ hosts, bgp }: Stack): string | undefined {
  const vlans = [...new Set(hosts.map(nodeVlan))];
  if (vlans.length > 1)
    return `nodes are in ${vlans.map((id) => (id === undefined ? "no VLAN" : `VLAN ${id}`)).join(", ")}`;
  const racks = [...new Set((bgp?.instances ?? []).flatMap(({ nodes }) => nodes.failureDomains))].sort();
  if (racks.length > 1) return `${racks.join(" and ")} peer with routers of their own`;
  return undefined;
}

/** Number of the VLAN that carries a node's address; undefined when it is untagged. */
function nodeVlan(host: Host): number | undefined {
  const carrier = nodeLinkOf(host);
  return host.vlans.find(({ name }) => name === carrier)?.id;
}
