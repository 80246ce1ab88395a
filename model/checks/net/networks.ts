import { type AddressRange, canonicalCidr, overlaps, parseCidr, specialRangeOf } from "../../net/addresses";
import { networksAround, overlappingNetworks } from "../../net/overlaps";
import { blockNetworks } from "../../bgp/prefixes";
import { ciliumValues } from "../../plan/cilium-values";
import { nodeCidrs } from "../../stack/host-networks";
import type { Stack } from "../../stack/schema";
import type { RuleResult } from "../../findings/finding";
import { field } from "../../kubernetes/object";
import { type Check, type PlacedText, defineCheck } from "../check";

/** The networks that hosts are in: the nodes', those of racks, and additional ones. */
export function hostNetworks(stack: Stack): readonly PlacedText[] {
  return [
    ...nodeCidrs(stack),
    ...stack.network.additional.flatMap(({ cidrs }, i) =>
      cidrs.map((text, j) => ({ at: `network.additional[${i}].cidrs[${j}]`, text })),
    ),
  ];
}

/** Every network that a stack names: of hosts, pods, services, load balancer pools. */
function networksOf(stack: Stack): readonly PlacedText[] {
  const { pods, services } = stack.network;
  return [
    ...hostNetworks(stack),
    ...pods.map((text, i) => ({ at: `network.pods[${i}]`, text })),
    ...services.map((text, i) => ({ at: `network.services[${i}]`, text })),
    ...(stack.bgp?.loadBalancerPools ?? []).flatMap((pool, i) =>
      pool.blocks.flatMap((block, j) =>
        blockNetworks(block).map((text) => ({ at: `bgp.loadBalancerPools[${i}].blocks[${j}]`, text })),
      ),
    ),
  ];
}

/** The pod, service and load balancer networks that contain an address; in a node network others may live, too. */
export function clusterNetworksWith(stack: Stack, address: AddressRange | undefined): readonly PlacedText[] {
  const find = around.get(stack) ?? networksAround(withRanges(networksOf(stack).filter(isClusterNetwork)));
  around.set(stack, find);
  return address === undefined ? [] : find(address);
}

/** Checks look up every server and BMC, and a stack does not change. */
const around = new WeakMap<Stack, ReturnType<typeof networksAround<PlacedText & { range: AddressRange }>>>();

function isClusterNetwork({ at }: PlacedText): boolean {
  return /^(network\.(pods|services)\[|bgp\.)/.test(at);
}

/** The networks with their addresses, without those that are none. */
function withRanges(networks: readonly PlacedText[]) {
  return networks.flatMap((network) => {
    const range = parseCidr(network.text);
    return range === undefined ? [] : [{ ...network, range }];
  });
}

/** Why no server outside the cluster has an address, such as "is loopback"; undefined when one may. */
export function misplacement(stack: Stack, address: AddressRange | undefined): string | undefined {
  if (address === undefined) return undefined;
  const special = specialRangeOf(address);
  if (special !== undefined) return `is ${special.name}`;
  const [inside] = clusterNetworksWith(stack, address);
  return inside === undefined ? undefined : `is inside ${inside.at} ${inside.text}`;
}

const dockerBridge = "172.17.0.0/16";

/** Prefix lengths: kube-apiserver accepts at most 20 bits of addresses, kubeadm requires ten addresses for the cluster's DNS. */
const serviceSizes = { 4: { largest: 12, smallest: 28 }, 6: { largest: 108, smallest: 124 } } as const;

/** The pool of ipam.mode cluster-pool, the same in the charts 1.18 to 1.20 (ipam.operator.clusterPoolIPv4PodCIDRList). */
const chartDefault = "10.0.0.0/8";

/** Checks of the networks themselves: form, size, and no overlap. */
export const networkChecks: readonly Check[] = [
  defineCheck({
    id: "net/cidrs-canonical",
    summary: "Networks are written without host bits.",
    why: "kubeadm, Cilium and the router interpret a network with host bits differently",
    run: (stack) =>
      networksOf(stack).flatMap(({ at, text }) => {
        const canonical = canonicalCidr(text);
        if (canonical === undefined || canonical === text) return [];
        return [{ at, problem: `"${text}" has host bits set`, fix: `write ${canonical}` }];
      }),
  }),
  defineCheck({
    id: "net/cidrs-disjoint",
    summary: "Node, pod, service and load balancer networks do not overlap.",
    why: "an address that belongs to two networks is routed to only one of them",
    run: (stack) =>
      overlappingNetworks(withRanges(networksOf(stack))).map(([a, b]) => ({
        at: b.at,
        problem: `${b.text} overlaps ${a.at} ${a.text}`,
        fix: `choose a range outside ${a.text}`,
      })),
  }),
  defineCheck({
    id: "net/ranges-usable",
    summary: "Networks are outside loopback, link-local, multicast and reserved ranges.",
    why: "these ranges are not routed, or stay inside one machine",
    acceptable: false,
    run: (stack) =>
      networksOf(stack).flatMap(({ at, text }) => {
        const range = parseCidr(text);
        const special = range && specialRangeOf(range);
        if (special === undefined) return [];
        const example = range?.family === 4 ? "10.244.0.0/16" : "fd00:10:244::/56";
        return {
          at,
          problem: `${text} overlaps ${special.range.text} (${special.name})`,
          fix: `choose a private range, such as ${example}`,
        };
      }),
  }),
  defineCheck({
    id: "net/docker-bridge-clear",
    summary: "No network overlaps Docker's default bridge.",
    why: "every machine with a default Docker installation claims 172.17.0.0/16 for its bridge and cannot reach that part of the cluster",
    severity: "warning",
    run: (stack) =>
      networksOf(stack)
        .filter(({ text }) => overlap(text, dockerBridge))
        .map(({ at, text }) => ({
          at,
          problem: `${text} overlaps Docker's default bridge ${dockerBridge}`,
          fix: `choose a range outside ${dockerBridge}`,
        })),
  }),
  defineCheck({
    id: "net/one-network-per-family",
    summary: "Pods and services have at most one network of each family.",
    why: "Kubernetes accepts one IPv4 and one IPv6 network for pods and for services, and kubeadm refuses a second network of the same family",
    acceptable: false,
    run: ({ network }) => [
      ...twice("network.pods", network.pods),
      ...twice("network.services", network.services),
    ],
  }),
  defineCheck({
    id: "net/service-range-size",
    summary: "Service networks have a size that kube-apiserver and kubeadm accept.",
    why: "kube-apiserver does not start with a service range of more than 2^20 addresses, nor kubeadm with fewer than ten",
    acceptable: false,
    run: ({ network }) =>
      network.services.flatMap((text, i) => {
        const range = parseCidr(text);
        if (range === undefined) return [];
        const { largest, smallest } = serviceSizes[range.family];
        if (range.prefix >= largest && range.prefix <= smallest) return [];
        return {
          at: `network.services[${i}]`,
          problem: `${text} is too ${range.prefix < largest ? "large" : "small"} for services`,
          fix: `write a prefix length from /${largest} to /${smallest}`,
        };
      }),
  }),
  defineCheck({
    id: "net/cilium-pool-disjoint",
    summary: "The address pool that Cilium allocates from itself overlaps no other network.",
    why: "with ipam.mode cluster-pool Cilium allocates pod addresses from its own pool, regardless of network.pods, and nodes can no longer reach the hosts in that range",
    acceptable: false,
    run: overlapsOfCiliumPool,
  }),
];

function overlap(one: string, other: string): boolean {
  const [a, b] = [parseCidr(one), parseCidr(other)];
  return a !== undefined && b !== undefined && overlaps(a, b);
}

function twice(at: string, [one, other]: Stack["network"]["pods"]) {
  if (one === undefined || other === undefined) return [];
  const family = parseCidr(one)?.family;
  if (family !== parseCidr(other)?.family) return [];
  return [
    {
      at: `${at}[1]`,
      problem: `${other} is a second IPv${family} network in addition to ${one}`,
      fix: `keep one of the two, or make the second an IPv${family === 4 ? 6 : 4} network`,
    },
  ];
}

/** The networks that overlap a pool from which Cilium allocates pod addresses itself. */
export function overlapsOfCiliumPool(stack: Stack): readonly RuleResult[] {
  const ipam = field(ciliumValues(stack), "ipam");
  if (field(ipam, "mode") !== "cluster-pool") return [];
  const own = field(ipam, "operator", "clusterPoolIPv4PodCIDRList");
  const pools: readonly unknown[] = own === undefined ? [chartDefault] : Array.isArray(own) ? own : [own];
  const others = networksOf(stack).filter(({ at }) => !at.startsWith("network.pods"));
  return pools.map(String).flatMap((pool) => {
    const clash = others.filter(({ text }) => overlap(pool, text));
    if (clash.length === 0) return [];
    return {
      at: "cilium.values.ipam",
      problem: `Cilium's ${own === undefined ? "default " : ""}pool ${pool} overlaps ${clash.map(({ at, text }) => `${at} ${text}`).join(", ")}`,
      fix: `set operator.clusterPoolIPv4PodCIDRList to [${stack.network.pods.filter((text) => !text.includes(":")).join(", ")}], or leave ipam out`,
    };
  });
}
