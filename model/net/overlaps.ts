import { type AddressRange, contains, overlaps } from "./addresses";

/** Things with a network, or a range of any length, each, such as entries of a stack file. */
interface Networked {
  readonly range: AddressRange;
}

interface Indexed<Entry> {
  readonly entry: Entry;
  /** Its place in the given order. */
  readonly order: number;
  /** The distinct networks around it, the widest first. */
  readonly around: Indexed<Entry>[];
}

/**
 * Networks in the order in which each comes after those that contain it. Two networks (not two ranges of any length) are
 * disjoint, or one contains the other; so those around one are few, and everything about them takes one pass.
 */
function nested<Entry extends Networked>(entries: readonly Entry[]): readonly Indexed<Entry>[] {
  const sorted = entries
    .map((entry, order): Indexed<Entry> => ({ entry, order, around: [] }))
    .sort(
      (a, b) =>
        inOrder(a.entry.range, b.entry.range) ||
        compare(b.entry.range.last, a.entry.range.last) ||
        a.order - b.order,
    );
  const open: Indexed<Entry>[] = [];
  for (const each of sorted) {
    while (open.length > 0 && !contains(open.at(-1)?.entry.range ?? each.entry.range, each.entry.range))
      open.pop();
    for (const outer of open) each.around.push(outer);
    // Of several equal networks the first stands for all: pairs of all of them would be too many to read.
    if (!isSame(open.at(-1)?.entry.range, each.entry.range)) open.push(each);
  }
  return sorted;
}

/** Pairs of networks that overlap, the one that was given first in front; of equal ones each with the first only. */
export function overlappingNetworks<Entry extends Networked>(
  entries: readonly Entry[],
): readonly (readonly [earlier: Entry, later: Entry])[] {
  return nested(entries)
    .flatMap((each) =>
      each.around.map((outer) =>
        outer.order < each.order ? { earlier: outer, later: each } : { earlier: each, later: outer },
      ),
    )
    .sort((a, b) => a.earlier.order - b.earlier.order || a.later.order - b.later.order)
    .map(({ earlier, later }) => [earlier.entry, later.entry] as const);
}

/** Finds, of many networks, those that contain an address, in their order; of equal ones the first. */
export function networksAround<Entry extends Networked>(
  entries: readonly Entry[],
): (address: AddressRange) => readonly Entry[] {
  const sorted = nested(entries);
  return (address) => {
    let [from, to] = [0, sorted.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      const { family, first } = sorted[middle]?.entry.range ?? address;
      if (family < address.family || (family === address.family && first <= address.first)) from = middle + 1;
      else to = middle;
    }
    const last = sorted[from - 1];
    if (last === undefined) return [];
    const found = last.around.filter(({ entry }) => contains(entry.range, address));
    const isOwn =
      contains(last.entry.range, address) && !isSame(last.around.at(-1)?.entry.range, last.entry.range);
    return [...found, ...(isOwn ? [last] : [])].sort((a, b) => a.order - b.order).map(({ entry }) => entry);
  };
}

/**
 * For ranges that are looked up one after the other: the first of the known ones that overlaps and is at another place. Known ones
 * are sorted, so that a look-up reads only those that begin before the end of the range and may reach it.
 */
export function firstOverlap<Known extends Networked>(
  known: readonly Known[],
): (range: AddressRange, isOther: (known: Known, order: number) => boolean) => Known | undefined {
  const sorted = known
    .map((entry, order) => ({ entry, order }))
    .sort((a, b) => inOrder(a.entry.range, b.entry.range));
  // The last address that any range up to here reaches.
  const reach: bigint[] = [];
  sorted.forEach(({ entry: { range } }, i) => {
    const before = sorted[i - 1]?.entry.range.family === range.family ? (reach[i - 1] ?? -1n) : -1n;
    reach.push(range.last > before ? range.last : before);
  });
  return (range, isOther) => {
    let [from, to] = [0, sorted.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      const found = sorted[middle]?.entry.range ?? range;
      if (found.family < range.family || (found.family === range.family && found.first <= range.last))
        from = middle + 1;
      else to = middle;
    }
    let best: (typeof sorted)[number] | undefined;
    for (let i = from - 1; i >= 0; i--) {
      const each = sorted[i];
      if (each?.entry.range.family !== range.family || (reach[i] ?? -1n) < range.first) break;
      if (best !== undefined && best.order < each.order) continue;
      if (overlaps(each.entry.range, range) && isOther(each.entry, each.order)) best = each;
    }
    return best?.entry;
  };
}

/** By family, then by the first address. */
function inOrder(a: AddressRange, b: AddressRange): number {
  return a.family - b.family || compare(a.first, b.first);
}

function isSame(a: AddressRange | undefined, b: AddressRange): boolean {
  return a?.family === b.family && a.first === b.first && a.last === b.last;
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
