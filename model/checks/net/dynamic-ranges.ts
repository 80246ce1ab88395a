import { type AddressRange, parseAddress } from "../../addresses/range";
import type { Stack } from "../../config/schema";

/** A range out of which machines get addresses that nobody wrote down. */
export interface DynamicRange {
  readonly at: "network.addressPool" | "network.dhcpRange" | "network.secondary.addressPool";
  readonly start: AddressRange;
  readonly end: AddressRange;
  /** Undefined when the ends are the wrong way round, or of two families. */
  readonly range: AddressRange | undefined;
}

/** The address pools and the DHCP range, where the stack has them. */
export function dynamicRanges({ network }: Stack): readonly DynamicRange[] {
  const ranges = [
    { at: "network.addressPool", given: network.addressPool },
    { at: "network.dhcpRange", given: network.dhcpRange },
    { at: "network.secondary.addressPool", given: network.secondary?.addressPool },
  ] as const;
  return ranges.flatMap(({ at, given }) => {
    const [start, end] = [parseAddress(given?.start ?? ""), parseAddress(given?.end ?? "")];
    if (start === undefined || end === undefined) return [];
    const inOrder = start.family === end.family && start.first <= end.first;
    const text = `${start.text} to ${end.text}`;
    const range = inOrder ? { ...start, last: end.last, text } : undefined;
    return [{ at, start, end, range } as const];
  });
}
