import { type AddressRange, parseAddress, parseCidr } from "../net/addresses";
import { blockNetworks } from "../bgp/prefixes";
import { gatewayAddresses, machineAddresses } from "../checks/net/addresses";
import { hostNetworks } from "../checks/net/networks";
import { nodeNetworks } from "../stack/host-networks";
import type { Stack } from "../stack/schema";
import { namedImages } from "../plan/images";
import { overlapsOf } from "./free";
import type { Finding } from "../findings/finding";

/** One stack of the fleet. */
export interface FleetStack {
  /** Name of the stack: its file is `Pulumi.<name>.yaml`. */
  readonly name: string;
  readonly stack: Stack;
}

/** A finding about two or more stacks, reported at one of them. */
export interface FleetFinding extends Finding {
  /** In whose file `at` is. */
  readonly stack: string;
}

/** Names of other stacks with a place each; beyond three only how many there are. */
export function othersText(
  others: readonly { readonly stack: string; readonly at: string; readonly text: string }[],
): string {
  const named = others.slice(0, 3).map(({ stack, at, text }) => `${at} ${text} of stack ${stack}`);
  return others.length > 3 ? `${named.join(", ")} and ${others.length - 3} more` : named.join(" and ");
}

/** A range that a stack takes for itself in its routing domain. */
export interface RangeClaim extends AddressRange {
  readonly kind: "nodes" | "pods" | "load balancer" | "services" | "address pool" | "host" | "endpoint";
  readonly stack: string;
  readonly at: string;
  /** false: the addresses never leave the cluster, so another cluster may use them inside itself too. */
  readonly routed: boolean;
}

/** The networks of a stack: nodes, pods, load balancer pools, and services where they are announced. */
export function networkClaims({ name, stack }: FleetStack): readonly RangeClaim[] {
  const { pods, services } = stack.network;
  const announced = peersOf(stack);
  const podsRouted =
    stack.cilium.routingMode === "native" || announced.some(({ advertise }) => advertise.podCIDRs);
  const servicesRouted = announced.some(({ advertise }) =>
    advertise.services.some(({ addresses }) => addresses.includes("ClusterIP")),
  );
  return [
    ...hostNetworks(stack).flatMap(({ at, text }) => claim("nodes", name, at, text, true)),
    ...pods.flatMap((text, i) => claim("pods", name, `network.pods[${i}]`, text, podsRouted)),
    ...(servicesRouted
      ? services.flatMap((text, i) => claim("services", name, `network.services[${i}]`, text, true))
      : []),
    ...(stack.bgp?.loadBalancerPools ?? []).flatMap((pool, i) =>
      pool.blocks.flatMap((block, j) =>
        blockNetworks(block).flatMap((text) =>
          claim("load balancer", name, `bgp.loadBalancerPools[${i}].blocks[${j}]`, text, true),
        ),
      ),
    ),
  ];
}

/** The addresses that a stack takes inside its node network. */
export function nodeAddressClaims({ name, stack }: FleetStack): readonly RangeClaim[] {
  const { addressPool, secondary, additional } = stack.network;
  return [
    ...claim("endpoint", name, "kubernetes.endpoint.host", stack.kubernetes.endpoint.host, true),
    ...machineAddresses(stack)
      .filter(({ at }) => at.startsWith("hosts["))
      .flatMap(({ at, text }) => claim("host", name, at, text, true)),
    ...(stack.loadBalancer?.pools ?? []).flatMap((pool, i) =>
      pool.blocks.flatMap((block, j) =>
        blockNetworks(block).flatMap((text) =>
          claim("load balancer", name, `loadBalancer.pools[${i}].blocks[${j}]`, text, true),
        ),
      ),
    ),
    ...poolClaim(name, "network.addressPool", addressPool),
    ...poolClaim(name, "network.secondary.addressPool", secondary?.addressPool),
    ...additional.flatMap(({ addressPools }, i) =>
      addressPools.flatMap((pool, j) => poolClaim(name, `network.additional[${i}].addressPools[${j}]`, pool)),
    ),
  ];
}

function poolClaim(stack: string, at: string, pool: Stack["network"]["addressPool"]): readonly RangeClaim[] {
  const [start, end] = [parseAddress(pool?.start ?? ""), parseAddress(pool?.end ?? "")];
  if (pool === undefined || start === undefined || end === undefined) return [];
  const text = `${pool.start} to ${pool.end}`;
  return [{ ...start, last: end.last, text, kind: "address pool", stack, at, routed: true }];
}

/** Addresses that a stack names and does not own: BMCs, routers, servers. Nothing new may be put on them. */
export function occupied({ stack }: FleetStack): readonly AddressRange[] {
  const { network, hosts, bgp } = stack;
  const named = [
    ...gatewayAddresses(stack).map(({ text }) => text),
    ...nodeNetworks(stack).flatMap(({ dns, routes }) => [...dns, ...routes.map(({ via }) => via)]),
    ...network.additional.flatMap(({ dns, routes }) => [...dns, ...routes.map(({ via }) => via)]),
    ...network.ntp,
    ...[
      ...namedImages(stack).flatMap(({ image }) => [image.url, image.checksum]),
      ...hosts.map(({ bmc }) => bmc.address),
    ].map(hostOf),
    ...(bgp?.routers ?? []).flatMap(({ addresses }) => addresses),
  ];
  return named.flatMap((text) => parseAddress(text) ?? []);
}

/** The host of a URL, without brackets. */
function hostOf(url: string): string {
  return (
    /^[^:]+:\/\/(?:\[([^\]]+)\]|([^/:]+))/
      .exec(url)
      ?.slice(1)
      .find((part) => part !== undefined) ?? ""
  );
}

/** Networks of two stacks in one routing domain that share addresses. */
export function networksShared(
  claims: readonly RangeClaim[],
  free: (claim: RangeClaim) => string | undefined,
): readonly FleetFinding[] {
  return overlapsOf(onePerNodeNetwork(claims), collide).map(({ range, others }) => {
    const proposal = free(range);
    return {
      id: "fleet/ranges-disjoint",
      severity: "error",
      stack: range.stack,
      at: range.at,
      problem: `${range.text} overlaps ${othersText(others)}`,
      fix: `choose a free range${proposal === undefined ? "" : `, such as ${proposal}`}, or give a stack that nothing routes to its own network.routingDomain`,
    };
  });
}

/** Endpoint, host and pool addresses that two stacks of one routing domain both take. */
export function nodeAddressesShared(claims: readonly RangeClaim[]): readonly FleetFinding[] {
  return overlapsOf(claims, (a, b) => a.stack !== b.stack).map(({ range, others }) => ({
    id: [range, ...others].some(({ kind }) => kind === "endpoint")
      ? "fleet/endpoints-unique"
      : "fleet/host-addresses-unique",
    severity: "error",
    stack: range.stack,
    at: range.at,
    problem: `${range.text} is also taken by ${othersText(others)}`,
    fix: "give one of the two another address",
  }));
}

/** Two stacks may share a node network, and networks that never leave their cluster may be the same. */
function collide(a: RangeClaim, b: RangeClaim): boolean {
  if (a.stack === b.stack) return false;
  if (a.kind === "nodes" && b.kind === "nodes") return a.first !== b.first || a.last !== b.last;
  return a.routed || b.routed ? true : a.kind !== b.kind;
}

/** Many stacks in one node network would each report the same overlap with it; the first is enough. */
function onePerNodeNetwork(claims: readonly RangeClaim[]): readonly RangeClaim[] {
  const seen = new Set<string>();
  return claims.filter(({ kind, first, last }) => {
    if (kind !== "nodes") return true;
    const key = `${first}-${last}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function claim(
  kind: RangeClaim["kind"],
  stack: string,
  at: string,
  text: string,
  routed: boolean,
): readonly RangeClaim[] {
  const range = parseCidr(text) ?? parseAddress(text);
  return range === undefined ? [] : [{ ...range, kind, stack, at, routed }];
}

function peersOf(stack: Stack) {
  return (stack.bgp?.instances ?? []).flatMap(({ peers }) => peers);
}
