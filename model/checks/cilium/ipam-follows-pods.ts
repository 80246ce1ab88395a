import { parseCidr } from "../../addresses/range";
import type { Stack } from "../../config/schema";
import { list } from "../../kubernetes/object";
import { defineCheck } from "../check";
import { ciliumPoolDisjoint } from "../net/cilium-pool-disjoint";
import { quoted, userValue, value } from "./user-values";

export const ipamFollowsPods = defineCheck({
  id: "cilium/ipam-follows-pods",
  why: "network.pods and podPrefixPerNode would be announced, routed and checked, while pods have other addresses",
  run: (stack) => {
    const mode = userValue(stack, "ipam.mode");
    const announced = (stack.bgp?.instances ?? []).some(({ peers }) =>
      peers.some(({ advertise }) => advertise.podCIDRs),
    );
    // Where pod networks are announced as well, it is the business of bgp/pod-cidrs-per-node.
    if (announced && mode !== "cluster-pool") return [];
    if (mode === undefined || mode === "kubernetes" || isSame(stack, mode)) return [];
    if (ciliumPoolDisjoint.run(stack).length > 0) return [];
    return [
      {
        at: "cilium.values.ipam.mode",
        problem: `with ${quoted(mode)} pods do not get their addresses from network.pods`,
        fix: "remove it; nodes get their share of network.pods from Kubernetes",
      },
    ];
  },
});

/** Does Cilium's own pool say the same as the stack? */
function isSame(stack: Stack, mode: unknown): boolean {
  const { pods, podPrefixPerNode } = stack.network;
  const ipv4 = pods.filter((text) => parseCidr(text)?.family === 4);
  const pool = list(value(stack, "ipam.operator.clusterPoolIPv4PodCIDRList"));
  const mask = value(stack, "ipam.operator.clusterPoolIPv4MaskSize") ?? 24;
  return (
    mode === "cluster-pool" &&
    ipv4.length === pods.length &&
    JSON.stringify(pool) === JSON.stringify(ipv4) &&
    Number(mask) === podPrefixPerNode.ipv4
  );
}
