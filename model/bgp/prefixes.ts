import {
  type Family,
  bitsOf,
  canonicalCidr,
  cidrsOf,
  familyOf,
  parseAddress,
  parseCidr,
} from "../net/addresses";
import type { Bgp, BgpPeer, BgpRouter, Stack } from "../stack/schema";

/** A set of routes: `prefix`, with lengths from `ge` to `le` when those are given, as FRR's prefix lists read it. */
export interface PrefixRule {
  readonly prefix: string;
  readonly ge?: number;
  readonly le?: number;
}

/** What one session may announce. */
export interface AnnouncedPrefixes {
  readonly rules: readonly PrefixRule[];
  /** Routes that each node announces as soon as it is up. */
  readonly certain: number;
  /** The most routes that one node can announce. */
  readonly possible: number;
}

/** More accepted routes than this from one node are never wanted, however large the pools are. */
const most = 100_000;

/**
 * Everything that a peer announces to a router in one family, from the pod networks, the pools and the services. Many sessions
 * announce the same, and pools may be many: it is worked out once for all of them.
 */
export function announcedPrefixes(
  stack: Stack,
  bgp: Bgp,
  peer: BgpPeer,
  router: BgpRouter,
  family: Family,
): AnnouncedPrefixes {
  const ofStack = known.get(stack)?.bgp === bgp ? known.get(stack) : undefined;
  const announced = ofStack ?? { bgp, bySettings: new Map<string, AnnouncedPrefixes>() };
  known.set(stack, announced);
  const { podCIDRs, services } = peer.advertise;
  const key = JSON.stringify([
    family,
    podCIDRs,
    services.map(({ addresses, aggregationLength }) => [addresses, aggregationLength[family]]),
    router.acceptedPrefixes,
  ]);
  const before = announced.bySettings.get(key);
  if (before !== undefined) return before;
  const found = prefixesOf(stack, bgp, peer, router, family);
  announced.bySettings.set(key, found);
  return found;
}

const known = new WeakMap<
  Stack,
  { readonly bgp: Bgp; readonly bySettings: Map<string, AnnouncedPrefixes> }
>();

function prefixesOf(
  stack: Stack,
  bgp: Bgp,
  peer: BgpPeer,
  router: BgpRouter,
  family: Family,
): AnnouncedPrefixes {
  const perNode = stack.network.podPrefixPerNode[family];
  const pods = peer.advertise.podCIDRs ? stack.network.pods.filter((cidr) => familyOf(cidr) === family) : [];
  const services = serviceRules(stack, bgp, peer, family);
  const further = router.acceptedPrefixes
    .filter(({ prefix }) => familyOf(prefix) === family)
    .map(({ prefix, ge, le }) => rule(prefix, ge ?? lengthOf(prefix), le ?? ge ?? lengthOf(prefix)));
  const rules = [...pods.map((cidr) => rule(cidr, perNode, perNode)), ...services, ...further];
  const possible = [...services, ...further].reduce((sum, each) => sum + capacity(each), BigInt(pods.length));
  return {
    rules: distinct(rules),
    certain: pods.length,
    possible: Number(possible > BigInt(most) ? BigInt(most) : possible),
  };
}

/** The networks of a pool's block. */
export function blockNetworks(block: Bgp["loadBalancerPools"][number]["blocks"][number]): readonly string[] {
  if (typeof block === "string") return [block];
  const [start, stop] = [parseAddress(block.start), parseAddress(block.stop)];
  if (start === undefined || stop === undefined || start.family !== stop.family) return [];
  return cidrsOf({ family: start.family, first: start.first, last: stop.last });
}

function serviceRules(stack: Stack, bgp: Bgp, peer: BgpPeer, family: Family): readonly PrefixRule[] {
  return peer.advertise.services.flatMap(({ addresses, aggregationLength }) => {
    const length = aggregationLength[family] ?? bitsOf(family);
    const networks = [
      ...(addresses.includes("LoadBalancerIP")
        ? [...bgp.loadBalancerPools, ...(stack.loadBalancer?.pools ?? [])].flatMap(({ blocks }) =>
            blocks.flatMap(blockNetworks),
          )
        : []),
      ...(addresses.includes("ClusterIP") ? stack.network.services : []),
    ];
    return networks
      .filter((network) => familyOf(network) === family)
      .map((network) => aggregated(network, length));
  });
}

/** A network announced in pieces of one length; a smaller network is announced as the piece around it. */
function aggregated(network: string, length: number): PrefixRule {
  if (length >= lengthOf(network)) return rule(network, length, length);
  const around = canonicalCidr(`${network.split("/")[0] ?? ""}/${length}`) ?? network;
  return { prefix: around };
}

function rule(prefix: string, ge: number, le: number): PrefixRule {
  const length = lengthOf(prefix);
  return ge === length && le === length ? { prefix } : { prefix, ge, le };
}

function capacity({ prefix, ge, le }: PrefixRule): bigint {
  const length = lengthOf(prefix);
  let sum = 0n;
  for (let each = ge ?? length; each <= (le ?? ge ?? length); each += 1) sum += 1n << BigInt(each - length);
  return sum;
}

/** The prefix length of a network. */
export function lengthOf(cidr: string): number {
  return parseCidr(cidr)?.prefix ?? 0;
}

function distinct(rules: readonly PrefixRule[]): readonly PrefixRule[] {
  return [...new Map(rules.map((each) => [JSON.stringify(each), each])).values()];
}
