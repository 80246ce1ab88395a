import { Address4, Address6 } from "ip-address";

/** An inclusive range of addresses of one family, as integers; `text` is what the user wrote. */
export interface AddressRange {
  readonly family: 4 | 6;
  readonly first: bigint;
  readonly last: bigint;
  readonly text: string;
}

/** Parses a CIDR (`10.244.0.0/16`); undefined when it is none, also for a bare address. */
export function parseCidr(text: string): (AddressRange & { readonly prefix: number }) | undefined {
  if (!/\/\d+$/.test(text)) return undefined;
  const address = parse(text);
  if (address === undefined) return undefined;
  const family = address instanceof Address4 ? 4 : 6;
  // The library finds both ends by way of texts in hexadecimal digits, which takes five times as long.
  const hosts = (1n << BigInt((family === 4 ? 32 : 128) - address.subnetMask)) - 1n;
  const value = address.bigInt();
  return { family, first: value & ~hosts, last: value | hosts, prefix: address.subnetMask, text };
}

/** Parses one address without a prefix length; undefined when it is none. */
export function parseAddress(text: string): AddressRange | undefined {
  if (text.includes("/")) return undefined;
  const address = parse(text);
  if (address === undefined) return undefined;
  const value = address.bigInt();
  return { family: address instanceof Address4 ? 4 : 6, first: value, last: value, text };
}

/** The CIDR with its host bits cleared: `10.0.0.7/24` becomes `10.0.0.0/24`. */
export function canonicalCidr(text: string): string | undefined {
  const address = text.includes("/") ? parse(text) : undefined;
  return address === undefined ? undefined : `${address.startAddress().correctForm()}/${address.subnetMask}`;
}

/** Do two ranges share an address? Ranges of different families never do. */
export function overlaps(a: AddressRange, b: AddressRange): boolean {
  return a.family === b.family && a.first <= b.last && b.first <= a.last;
}

/** Is the whole of `inner` inside `outer`? */
export function contains(outer: AddressRange, inner: AddressRange): boolean {
  return outer.family === inner.family && outer.first <= inner.first && inner.last <= outer.last;
}

/** Whether a network, as text, holds an address; false where either is none. */
export function isInNetwork(address: string, cidr: string): boolean {
  const [range, single] = [parseCidr(cidr), parseAddress(address)];
  return range !== undefined && single !== undefined && contains(range, single);
}

/** How each address begins; for another text the library would throw, which costs a stack trace. */
const beginsAddress = /^[\da-f:.]+(?:[%/]|$)/i;

function parse(text: string): Address4 | Address6 | undefined {
  if (!beginsAddress.test(text)) return undefined;
  try {
    return text.includes(":") ? new Address6(text) : new Address4(text);
  } catch {
    return undefined; // not an address, as in the library's own `isValid`
  }
}

/** The networks that together hold exactly the addresses of a range, in order; few, because each is as large as it can be. */
export function cidrsOf(range: Pick<AddressRange, "family" | "first" | "last">): readonly string[] {
  const bits = range.family === 4 ? 32 : 128;
  const found: string[] = [];
  let next = range.first;
  while (next <= range.last) {
    let size = 0;
    while (
      size < bits &&
      (next & ((1n << BigInt(size + 1)) - 1n)) === 0n &&
      next + (1n << BigInt(size + 1)) - 1n <= range.last
    ) {
      size += 1;
    }
    found.push(`${addressText(range.family, next)}/${bits - size}`);
    next += 1n << BigInt(size);
  }
  return found;
}

/** An address as text, in the shortest usual form. */
export function addressText(family: 4 | 6, value: bigint): string {
  return family === 4 ? Address4.fromBigInt(value).correctForm() : Address6.fromBigInt(value).correctForm();
}

/** How many addresses a range holds. */
export function sizeOf({ first, last }: AddressRange): bigint {
  return last - first + 1n;
}

/** The addresses of a network that a machine can have: in IPv4 neither the first (the network) nor the last (broadcast). */
export function usableIn(network: AddressRange): AddressRange {
  const plain = network.family === 6 || sizeOf(network) <= 2n;
  return plain ? network : { ...network, first: network.first + 1n, last: network.last - 1n };
}

/** The first address behind the network's own: `10.0.0.1` of `10.0.0.0/24`; undefined where the text is no CIDR. */
export function firstAddressIn(cidr: string): string | undefined {
  const network = parseCidr(cidr);
  return network === undefined ? undefined : addressText(network.family, network.first + 1n);
}

/** `255.255.255.0` for IPv4; OpenStack's format also wants IPv6 masks written as an address. */
export function netmaskOf(family: 4 | 6, prefix: number): string {
  if (prefix === 0) return family === 4 ? "0.0.0.0" : "::";
  const bits = family === 4 ? 32 : 128;
  const mask = ((1n << BigInt(prefix)) - 1n) << BigInt(bits - prefix);
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => String((mask >> shift) & 255n)).join(".");
  return Array.from({ length: 8 }, (_, i) => ((mask >> BigInt(112 - 16 * i)) & 0xffffn).toString(16)).join(
    ":",
  );
}

/** The length of a netmask that is written as an address, or as a length; undefined where it is neither. */
export function prefixOfNetmask(mask: unknown): string | undefined {
  if (typeof mask === "number" || (typeof mask === "string" && /^\d+$/.test(mask))) return String(mask);
  const range = typeof mask === "string" ? parseAddress(mask) : undefined;
  return range === undefined ? undefined : String(range.first.toString(2).replace(/0+$/, "").length);
}

/** A range of addresses that cannot be used like others. */
export interface SpecialRange {
  readonly name: string;
  readonly range: AddressRange;
}

const special = [
  ["0.0.0.0/8", "this network"],
  ["127.0.0.0/8", "loopback"],
  ["169.254.0.0/16", "link-local"],
  ["224.0.0.0/4", "multicast"],
  ["240.0.0.0/4", "reserved"],
  ["::/128", "the unspecified address"],
  ["::1/128", "loopback"],
  ["::ffff:0:0/96", "IPv4 written as IPv6"],
  ["fe80::/10", "link-local"],
  ["ff00::/8", "multicast"],
] as const;

/** What no network of a cluster may touch (RFC 6890, RFC 4291). */
const specialRanges: readonly SpecialRange[] = special.flatMap(([text, name]) => {
  const range = parseCidr(text);
  return range === undefined ? [] : [{ name, range }];
});

/** The special range that a range touches, if any. */
export function specialRangeOf(range: AddressRange): SpecialRange | undefined {
  return specialRanges.find((each) => overlaps(each.range, range));
}

/** Private addresses (RFC 1918), from which clusters take theirs. */
export const privateNetworks = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"] as const;

/** Shared addresses of providers (RFC 6598) and unique local ones (RFC 4193) are not public either. */
const localRanges = [...privateNetworks, "100.64.0.0/10", "fc00::/7"]
  .map(parseCidr)
  .filter((range) => range !== undefined);

/** Whether some of a range's addresses belong to the Internet. */
export function isPublic(range: AddressRange): boolean {
  return !localRanges.some((local) => contains(local, range));
}

/** Address families as Cilium and FRR name them. */
export type Family = "ipv4" | "ipv6";

/** Both, in the order in which everything is written. */
export const allFamilies: readonly Family[] = ["ipv4", "ipv6"];

/** The family of an address or a network; text that is neither counts as IPv4, the schema has refused it before. */
export function familyOf(text: string): Family {
  return (parseCidr(text) ?? parseAddress(text))?.family === 6 ? "ipv6" : "ipv4";
}

/** Length of an address: 32 or 128 bits. */
export function bitsOf(family: Family): 32 | 128 {
  return family === "ipv4" ? 32 : 128;
}

/** An address as a network of its own: `10.0.0.7/32`. */
export function hostCidr(address: string): string {
  return `${address}/${bitsOf(familyOf(address))}`;
}

/** A host as URLs have it: an IPv6 address in brackets (RFC 3986). */
export function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

/** A host with its port, as URLs and command lines take it. */
export function hostPort({ host, port }: { readonly host: string; readonly port: number }): string {
  return `${bracketed(host)}:${port}`;
}
