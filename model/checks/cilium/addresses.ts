import { ciliumBgp } from "../../bgp/endpoint";
import { parseCidr } from "../../net/addresses";
import type { Stack } from "../../stack/schema";
import { list } from "../../kubernetes/object";
import { type Check, defineCheck } from "../check";
import { overlapsOfCiliumPool } from "../net/networks";
import { announcesPods } from "./routing";
import { isOn, quoted, userValue, value } from "./values";

/** Checks of the addresses that Cilium assigns to pods and services. */
export const ciliumAddressChecks: readonly Check[] = [
  defineCheck({
    id: "cilium/families-match-pods",
    summary: "The address families of Cilium are those of the pod networks.",
    why: "a node has a pod network of a family that Cilium does not serve, or lacks one that it waits for",
    acceptable: false,
    run: (stack) =>
      ([4, 6] as const).flatMap((family) => {
        const set = userValue(stack, `ipv${family}.enabled`);
        const used = stack.network.pods.some((text) => parseCidr(text)?.family === family);
        if (set === undefined || set === used) return [];
        return {
          at: `cilium.values.ipv${family}.enabled`,
          problem: `${quoted(set)}, but network.pods has ${used ? "" : "no "}IPv${family}`,
          fix: "remove it; it follows network.pods",
        };
      }),
  }),
  defineCheck({
    id: "cilium/ipam-follows-pods",
    summary: "Pods get their addresses from network.pods.",
    why: "network.pods and podPrefixPerNode would be announced, routed and checked although pods have other addresses",
    run: (stack) => {
      const mode = userValue(stack, "ipam.mode");
      // Where pod networks are announced as well, bgp/pod-cidrs-per-node reports it.
      if (announcesPods(stack) && mode !== "cluster-pool") return [];
      if (mode === undefined || mode === "kubernetes" || isSame(stack, mode)) return [];
      if (overlapsOfCiliumPool(stack).length > 0) return [];
      return {
        at: "cilium.values.ipam.mode",
        problem: `with ${quoted(mode)} pods do not get their addresses from network.pods`,
        fix: "remove it; nodes get their share of network.pods from Kubernetes",
      };
    },
  }),
  defineCheck({
    id: "cilium/load-balancer-pools-used",
    summary: "Load balancer IPAM is on where the stack has load balancer pools.",
    why: "services of type LoadBalancer stay without an address although the pools exist",
    run: (stack) =>
      (stack.bgp?.loadBalancerPools ?? []).length > 0 && userValue(stack, "enableLBIPAM") === false
        ? {
            at: "cilium.values.enableLBIPAM",
            problem: "with false bgp.loadBalancerPools has no effect",
            fix: "remove it, or the pools",
          }
        : [],
  }),
  defineCheck({
    id: "cilium/one-announcement",
    summary: "Service addresses are announced either by ARP or by BGP.",
    why: "one node answers ARP for an address that the routers send to all nodes, so the path depends on the client's location",
    severity: "warning",
    run: (stack) =>
      ciliumBgp(stack) !== undefined && isOn(userValue(stack, "l2announcements.enabled"))
        ? {
            at: "cilium.values.l2announcements.enabled",
            problem: "service addresses are announced by ARP as well as by BGP",
            fix: "remove it, or limit its policies to services that no BGP peer advertises",
          }
        : [],
  }),
];

/** Whether Cilium's own pool is the same as the stack's. */
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
