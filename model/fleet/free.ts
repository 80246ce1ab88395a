import { type AddressRange, addressText, cidrsOf, parseCidr } from "../net/addresses";

type Span = Pick<AddressRange, "family" | "first" | "last">;

/** The parts of a network that no range takes, in order. */
export function gapsIn(network: string, taken: readonly AddressRange[]): readonly Span[] {
  const whole = parseCidr(network);
  if (whole === undefined) return [];
  const { family } = whole;
  const gaps: Span[] = [];
  let next = whole.first;
  for (const range of inOrder(taken)) {
    if (range.family !== family || range.last < next) continue;
    if (range.first > whole.last) break;
    if (range.first > next) gaps.push({ family, first: next, last: range.first - 1n });
    next = range.last + 1n;
  }
  if (next <= whole.last) gaps.push({ family, first: next, last: whole.last });
  return gaps;
}

/** How many aligned blocks of a prefix length fit into the gaps. */
export function blocksIn(gaps: readonly Span[], prefix: number): number {
  return gaps.reduce((sum, gap) => {
    const { first, end } = aligned(gap, prefix);
    return sum + (end > first ? Number((end - first) >> BigInt(bitsOf(gap) - prefix)) : 0);
  }, 0);
}

/** The free block that follows `after`, else the first one; undefined when nothing of that size is free. */
export function nextFreeBlock(gaps: readonly Span[], prefix: number, after = 0n): string | undefined {
  const size = (gap: Span) => 1n << BigInt(bitsOf(gap) - prefix);
  const fits = gaps.flatMap((gap) => {
    const { first, end } = aligned(
      { ...gap, first: gap.first > after ? gap.first : later(gap, after) },
      prefix,
    );
    return first + size(gap) <= end ? [`${addressText(gap.family, first)}/${prefix}`] : [];
  });
  if (fits[0] !== undefined || after === 0n) return fits[0];
  return nextFreeBlock(gaps, prefix);
}

/** Gaps as networks, largest first. */
export function networksOfGaps(gaps: readonly Span[], most: number): readonly string[] {
  const prefixOf = (cidr: string) => Number(cidr.split("/")[1]);
  return gaps
    .flatMap((gap) => cidrsOf(gap))
    .sort((a, b) => prefixOf(a) - prefixOf(b))
    .slice(0, most);
}

function later(gap: Span, after: bigint): bigint {
  return after < gap.last ? after + 1n : gap.last + 1n;
}

/** The first and the end (exclusive) of the aligned blocks inside a gap. */
function aligned(gap: Span, prefix: number): { first: bigint; end: bigint } {
  const size = 1n << BigInt(bitsOf(gap) - prefix);
  return { first: ((gap.first + size - 1n) / size) * size, end: ((gap.last + 1n) / size) * size };
}

function bitsOf({ family }: Span): number {
  return family === 4 ? 32 : 128;
}

/** A range, and the ranges before it that share addresses with it. */
export interface Overlap<Range> {
  readonly range: Range;
  readonly others: readonly Range[];
}

/**
 * All overlaps, each once, reported at the range that begins later. One pass over the sorted ranges with those that are
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
function inOrder<Range extends AddressRange>(ranges: readonly Range[]): readonly Range[] {
  return [...ranges].sort(
    (a, b) => a.family - b.family || compare(a.first, b.first) || compare(b.last, a.last),
  );
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
