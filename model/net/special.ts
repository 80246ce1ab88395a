import { type AddressRange, overlaps, parseCidr } from "./range";

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
export const specialRanges: readonly SpecialRange[] = special.flatMap(([text, name]) => {
  const range = parseCidr(text);
  return range === undefined ? [] : [{ name, range }];
});

/** The special range that a range touches, if any. */
export function specialRangeOf(range: AddressRange): SpecialRange | undefined {
  return specialRanges.find((each) => overlaps(each.range, range));
}
