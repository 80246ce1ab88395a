import { type AddressRange, addressText, parseCidr, privateNetworks } from "../net/addresses";
import { type FleetStack, type RangeClaim, nodeAddressClaims, occupied } from "./ranges";
import { blocksIn, gapsIn, networksOfGaps, nextFreeBlock } from "./free";
import { defined } from "../kubernetes/object";

/** What is left in one private network for another cluster. */
export interface FreeRanges {
  readonly network: string;
  /** Largest free networks in it. */
  readonly largest: readonly string[];
  /** How many pod networks of the usual size still fit. */
  readonly podNetworks: number;
}

/** Values that a new stack can take without touching any other. */
export interface Proposal {
  readonly pods?: string;
  readonly loadBalancer?: string;
  readonly asn?: number;
  /** Free addresses of the node network that most stacks use: the endpoint's first, then for hosts. */
  readonly nodes?: {
    readonly network: string;
    readonly endpoint?: string;
    readonly hosts: readonly string[];
  };
  /** Networks of 256 addresses that nothing uses, for the nodes of a cluster with networks of its own. */
  readonly nodeNetworks: readonly string[];
}

const usualPodPrefix = 16;
const usualPoolPrefix = 24;
const nodeNetworkPrefix = 24;
/** One for each of three racks, and one for an address outside of them. */
const nodeNetworkCount = 4;
/** The service network of a stack that names none. */
const usualServices = "10.96.0.0/12";
/** ASNs for private use: 64512 to 65534 of 2 bytes (RFC 6996), then those of 4 bytes. */
const firstPrivateAsn = 64_512;
const lastPrivateAsn = 65_534;
const firstLongPrivateAsn = 4_200_000_000;

/** The free parts of the private networks. */
export function freeRanges(claims: readonly RangeClaim[]): readonly FreeRanges[] {
  const prefix = commonPrefix(claims, "pods", usualPodPrefix);
  return privateNetworks.map((network) => {
    const gaps = gapsIn(network, claims);
    return { network, largest: networksOfGaps(gaps, 4), podNetworks: blocksIn(gaps, prefix) };
  });
}

/** The next pod network, load balancer block, ASN, endpoint and host addresses. */
export function proposalOf(stacks: readonly FleetStack[], claims: readonly RangeClaim[]): Proposal {
  const endpoints = stacks.flatMap(nodeAddressClaims).filter(({ kind }) => kind === "endpoint");
  const known = [...claims, ...endpoints, ...stacks.flatMap(occupied)];
  const pods = freeBlock(known, "pods", usualPodPrefix);
  const taken = pods === undefined ? known : [...known, ...claimed(pods)];
  const loadBalancer = freeBlock(taken, "load balancer", usualPoolPrefix);
  const nodes = freeNodeAddresses(stacks);
  return {
    ...defined({ pods, loadBalancer }),
    ...present("asn", nextAsn(stacks)),
    ...(nodes === undefined ? {} : { nodes }),
    nodeNetworks: freeNodeNetworks([
      ...taken,
      ...[loadBalancer, usualServices].flatMap((text) => (text === undefined ? [] : claimed(text))),
    ]),
  };
}

function freeNodeNetworks(taken: readonly AddressRange[]): readonly string[] {
  const found: string[] = [];
  while (found.length < nodeNetworkCount) {
    const next = freeBlock(
      [...taken, ...found.flatMap(claimed)],
      "nodes",
      nodeNetworkPrefix,
      nodeNetworkPrefix,
    );
    if (next === undefined) break;
    found.push(next);
  }
  return found;
}

/** A free block of the size that a kind of range usually has here, behind the last one. */
function freeBlock(
  taken: readonly AddressRange[],
  kind: RangeClaim["kind"],
  usual: number,
  size?: number,
): string | undefined {
  const ofKind = taken.filter((claim): claim is RangeClaim => "kind" in claim && claim.kind === kind);
  const prefix = size ?? commonPrefix(ofKind, kind, usual);
  const last = ofKind
    .filter(({ family }) => family === 4)
    .reduce((most, { last }) => (last > most ? last : most), 0n);
  return nextFreeBlock(
    privateNetworks.flatMap((network) => gapsIn(network, taken)),
    prefix,
    last,
  );
}

function claimed(network: string): readonly AddressRange[] {
  const range = parseCidr(network);
  return range === undefined ? [] : [range];
}

function commonPrefix(claims: readonly RangeClaim[], kind: RangeClaim["kind"], usual: number): number {
  const prefixes = claims
    .filter((claim) => claim.kind === kind && claim.family === 4)
    .flatMap(({ text }) => parseCidr(text)?.prefix ?? []);
  return mostCommon(prefixes) ?? usual;
}

function freeNodeAddresses(stacks: readonly FleetStack[]): Proposal["nodes"] {
  const network = mostCommon(stacks.map(({ stack }) => stack.network.nodes));
  const whole = network === undefined ? undefined : parseCidr(network);
  if (network === undefined || whole === undefined) return undefined;
  const inside = stacks.filter(({ stack }) => stack.network.nodes === network);
  const taken: readonly AddressRange[] = [
    ...inside.flatMap(nodeAddressClaims),
    ...stacks.flatMap(occupied),
    // A network's own address and its broadcast address are not usable.
    { ...whole, last: whole.first },
    { ...whole, first: whole.last },
  ];
  // Behind the last machine: low addresses are often infrastructure that no stack file names.
  const last = inside
    .flatMap(nodeAddressClaims)
    .reduce((most, claim) => (claim.last > most ? claim.last : most), whole.first);
  const free = gapsIn(network, taken).flatMap((gap) => addressesOf(gap, last, 64));
  const [endpoint, ...hosts] = [
    ...free.filter(({ behind }) => behind),
    ...free.filter(({ behind }) => !behind),
  ]
    .map(({ text }) => text)
    .slice(0, 64);
  return { network, ...present("endpoint", endpoint), hosts };
}

/** Up to `most` addresses of a gap on each side of `after`. */
function addressesOf(
  { family, first, last }: Pick<AddressRange, "family" | "first" | "last">,
  after: bigint,
  most: number,
): readonly { text: string; behind: boolean }[] {
  const from = (start: bigint, end: bigint) => {
    const count = end < start ? 0 : end - start + 1n > BigInt(most) ? most : Number(end - start + 1n);
    return Array.from({ length: count }, (_, i) => addressText(family, start + BigInt(i)));
  };
  const split = after >= first ? (after < last ? after : last) : first - 1n;
  return [
    ...from(first, split).map((text) => ({ text, behind: false })),
    ...from(split + 1n, last).map((text) => ({ text, behind: true })),
  ];
}

function nextAsn(stacks: readonly FleetStack[]): number | undefined {
  const clusters = stacks.flatMap(({ stack }) =>
    [...(stack.bgp?.instances ?? []), ...(stack.bgp?.endpoint ?? [])].map(({ localASN }) => localASN),
  );
  const routers = stacks.flatMap(({ stack }) => (stack.bgp?.routers ?? []).map(({ asn }) => asn));
  const used = new Set([...clusters, ...routers]);
  const short = clusters.filter((asn) => asn >= firstPrivateAsn && asn <= lastPrivateAsn);
  const after = short.reduce((most, asn) => Math.max(most, asn), firstPrivateAsn - 1) + 1;
  const free = (from: number, to: number) => {
    for (let asn = from; asn <= to; asn++) if (!used.has(asn)) return asn;
    return undefined;
  };
  return (
    free(after, lastPrivateAsn) ??
    free(firstPrivateAsn, lastPrivateAsn) ??
    free(firstLongPrivateAsn, 4_294_967_294)
  );
}

function mostCommon<T>(values: readonly T[]): T | undefined {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
}

function present<K extends string, V>(key: K, value: V | undefined): Partial<Record<K, V>> {
  return value === undefined ? {} : ({ [key]: value } as Record<K, V>);
}
