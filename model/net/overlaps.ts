import { type AddressRange, contains } from "./addresses";

/** Things with a network each, such as entries of a stack file. */
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
        a.entry.range.family - b.entry.range.family ||
        compare(a.entry.range.first, b.entry.range.first) ||
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

function isSame(a: AddressRange | undefined, b: AddressRange): boolean {
  return a?.family === b.family && a.first === b.first && a.last === b.last;
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
