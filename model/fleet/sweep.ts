import type { AddressRange } from "../net/range";

/** A range, and the ranges before it that share addresses with it. */
export interface Overlap<Range> {
  readonly range: Range;
  readonly others: readonly Range[];
}

/**
 * All overlaps, each once, told at the range that begins later. One pass over the sorted ranges with those that are
 * still open: n log n, and not all pairs, unless a great many ranges lie on one another. `counts` decides which of the
 * overlapping pairs are worth telling.
 */
export function overlapsOf<Range extends AddressRange>(
  ranges: readonly Range[],
  counts: (earlier: Range, later: Range) => boolean,
): readonly Overlap<Range>[] {
  const sorted = inOrder(ranges);
  const found: Overlap<Range>[] = [];
  let open: Range[] = [];
  for (const range of sorted) {
    open = open.filter((other) => other.family === range.family && other.last >= range.first);
    const others = open.filter((other) => counts(other, range));
    if (others.length > 0) found.push({ range, others });
    open.push(range);
  }
  return found;
}

/** IPv4 before IPv6, by first address; the larger of two ranges that begin together comes first. */
export function inOrder<Range extends AddressRange>(ranges: readonly Range[]): readonly Range[] {
  return [...ranges].sort(
    (a, b) => a.family - b.family || compare(a.first, b.first) || compare(b.last, a.last),
  );
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
