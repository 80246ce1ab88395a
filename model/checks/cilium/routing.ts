import { contains, parseCidr } from "../../net/addresses";
import { nodeNetworkOf } from "../../stack/host-networks";
import type { Host, Stack } from "../../stack/schema";
import { nodeLinkOf } from "../../plan/node-link";
import { type Check, defineCheck } from "../check";
import { machineCount } from "../../plan/machines";
import { isOn, quoted, userValue, value } from "./values";

/** Whether pod networks are announced to a router. */
export function announcesPods({ bgp }: Stack): boolean {
  return (bgp?.instances ?? []).some(({ peers }) => peers.some(({ advertise }) => advertise.podCIDRs));
}

/** Checks of how pods' packets are routed. */
export const routingChecks: readonly Check[] = [
  defineCheck({
    id: "cilium/pods-routed",
    summary: "With native routing, nodes or routers have routes to the pod networks.",
    why: "packets between pods of two nodes end at a gateway that has no route to the pod networks",
    run: (stack) => {
      const nodes = machineCount(stack);
      const direct = isOn(value(stack, "autoDirectNodeRoutes"));
      if (stack.cilium.routingMode !== "native" || direct || announcesPods(stack) || nodes < 2) return [];
      return {
        at: "cilium.autoDirectNodeRoutes",
        problem:
          "nodes have no routes to each other's pods, and the pod networks are not announced to a BGP peer",
        fix: "write autoDirectNodeRoutes: true, or routingMode: tunnel, or advertise podCIDRs to the routers",
      };
    },
  }),
  defineCheck({
    id: "cilium/routing-cidr-covers-pods",
    summary: "The native routing network covers the pod networks.",
    why: "with native routing the agent exits without that network, and masquerades traffic of pods outside it",
    acceptable: false,
    run: (stack) => {
      if (stack.cilium.routingMode !== "native") return [];
      return ([4, 6] as const).flatMap((family) => {
        const path = `ipv${family}NativeRoutingCIDR`;
        const set = userValue(stack, path);
        const pods = stack.network.pods.filter((text) => parseCidr(text)?.family === family);
        if (set === undefined || pods.length === 0) return [];
        const outer = parseCidr(String(set));
        const left = pods.filter((text) => {
          const inner = parseCidr(text);
          return outer === undefined || inner === undefined || !contains(outer, inner);
        });
        if (left.length === 0) return [];
        return {
          at: `cilium.values.${path}`,
          problem: `${quoted(set)} does not contain network.pods ${left.join(", ")}`,
          fix: `remove it, or write one that contains ${left.join(", ")}`,
        };
      });
    },
  }),
  defineCheck({
    id: "cilium/tunnel-pods-private",
    summary: "With tunnel routing the pod networks are not announced to routers.",
    why: "replies to packets that a router sends directly to a pod are masqueraded or take another path, and stateful firewalls drop them",
    severity: "warning",
    run: ({ cilium, bgp }) =>
      cilium.routingMode !== "tunnel"
        ? []
        : (bgp?.instances ?? []).flatMap(({ peers }, i) =>
            peers.flatMap(({ advertise }, j) =>
              advertise.podCIDRs
                ? {
                    at: `bgp.instances[${i}].peers[${j}].advertise.podCIDRs`,
                    problem:
                      "with routingMode tunnel pods are reached through nodes, not by their own addresses",
                    fix: "write podCIDRs: false, or routingMode: native",
                  }
                : [],
            ),
          ),
  }),
  defineCheck({
    id: "cilium/direct-routes-consistent",
    summary: "directRoutingSkipUnreachable is set only with direct routes.",
    why: "the agent exits at its start with an error, on every node",
    acceptable: false,
    run: (stack) => {
      const skip = isOn(userValue(stack, "directRoutingSkipUnreachable"));
      const direct = stack.cilium.routingMode === "native" && isOn(value(stack, "autoDirectNodeRoutes"));
      if (!skip || direct) return [];
      return {
        at: "cilium.values.directRoutingSkipUnreachable",
        problem:
          "there are no direct routes to skip: autoDirectNodeRoutes is off, or packets go through a tunnel",
        fix: "remove it, or write cilium.autoDirectNodeRoutes: true with routingMode: native",
      };
    },
  }),
  defineCheck({
    id: "cilium/direct-routes-one-segment",
    summary: "Direct node routes are set only where all nodes are in one layer 2 segment.",
    why: "a route to a node behind a router cannot be installed, and pods in different racks cannot reach each other",
    severity: "warning",
    run: (stack) => {
      const direct = stack.cilium.routingMode === "native" && isOn(value(stack, "autoDirectNodeRoutes"));
      if (!direct || isOn(value(stack, "directRoutingSkipUnreachable"))) return [];
      const reason = severalSegments(stack);
      if (reason === undefined || nodeCidrs(stack).length > 1) return [];
      return {
        at: "cilium.autoDirectNodeRoutes",
        problem: `it needs all nodes in one layer 2 segment, and ${reason}`,
        fix: "write false where routers carry the pod networks, or values.directRoutingSkipUnreachable: true",
      };
    },
  }),
  defineCheck({
    id: "cilium/direct-routes-in-racks",
    summary: "Nodes whose racks have their own networks get no direct routes to each other.",
    why: "the kernel refuses a route through a node that is behind a router, and pods in different racks cannot reach each other",
    run: (stack) => {
      const direct = stack.cilium.routingMode === "native" && isOn(value(stack, "autoDirectNodeRoutes"));
      const networks = nodeCidrs(stack);
      if (!direct || networks.length < 2 || isOn(value(stack, "directRoutingSkipUnreachable"))) return [];
      return {
        at: "cilium.autoDirectNodeRoutes",
        problem: `nodes are in ${networks.join(", ")}, with routers between them`,
        fix: announcesPods(stack)
          ? "write false: the routers get the pod networks by BGP; or values.directRoutingSkipUnreachable: true"
          : "write false and announce podCIDRs by BGP, or write routingMode: tunnel",
      };
    },
  }),
];

/** The networks in which a stack's nodes are, each once. */
function nodeCidrs(stack: Stack): readonly string[] {
  return [...new Set(stack.hosts.map((host) => nodeNetworkOf(stack, host).nodes))];
}

/** Why nodes seem to be in several segments: different VLANs, or racks with their own routers. */
function severalSegments({ hosts, bgp }: Stack): string | undefined {
  const vlans = [...new Set(hosts.map(nodeVlan))];
  if (vlans.length > 1)
    return `nodes are in ${vlans.map((id) => (id === undefined ? "no VLAN" : `VLAN ${id}`)).join(", ")}`;
  const racks = [...new Set((bgp?.instances ?? []).flatMap(({ nodes }) => nodes.failureDomains))].sort();
  if (racks.length > 1) return `${racks.join(" and ")} peer with their own routers`;
  return undefined;
}

/** Number of the VLAN that carries a node's address; undefined when it is untagged. */
function nodeVlan(host: Host): number | undefined {
  const carrier = nodeLinkOf(host);
  return host.vlans.find(({ name }) => name === carrier)?.id;
}
