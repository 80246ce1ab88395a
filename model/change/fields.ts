import { structuredPatch } from "diff";
import { stringify } from "yaml";
import type { FieldChange } from "./change";
import { isMap } from "../kubernetes/object";
import { nameAt, nameWithin, shownField } from "../redaction/objects";
import { deepestNesting, openBrackets } from "../text/nesting";
import { counted } from "../text/wording";

type Found = Omit<FieldChange, "also">;

/**
 * What differs between two values, field by field. Entries of lists are found again by their names where they have any, so
 * that one more entry is one difference; a change that repeats at several places is listed once.
 */
export function fieldChanges(before: unknown, after: unknown, path = ""): readonly FieldChange[] {
  return gathered(differences(before, after, path, nameAt(path)));
}

/** The same of places that are known to differ: what was planned there, and what is live. */
export function fieldChangesAt(
  places: readonly { readonly path: string; readonly planned: unknown; readonly live: unknown }[],
): readonly FieldChange[] {
  return gathered(
    places.flatMap(({ path, planned, live }) => differences(planned, live, path, nameAt(path))),
  );
}

function gathered(all: readonly Found[]): readonly FieldChange[] {
  const groups = new Map<string, { readonly first: Found; readonly also: string[] }>();
  for (const found of all) {
    const key = JSON.stringify([lastKey(found.path), found.before, found.after]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { first: found, also: [] });
    else group.also.push(found.path);
  }
  return [...groups.values()].map(({ first, also }) => ({ ...first, also }));
}

/** Every path of a change. */
export function pathsOf({ path, also }: FieldChange): readonly string[] {
  return [path, ...also];
}

/** JSON in a value, and JSON in that: below this values are compared as wholes. */
const deepest = 2 * deepestNesting;

/** Whether two values say the same; a field that is undefined is one that is not there. */
export function same(a: unknown, b: unknown, depth = 0): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  if (a === b) return true;
  if (Array.isArray(a) !== Array.isArray(b) || depth > deepest) return false;
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].every((key) => same((a as Fields)[key], (b as Fields)[key], depth + 1));
}

type Fields = Readonly<Record<string, unknown>>;

/** What differs, in one walk: below a map each field is compared once, and where nothing differs nothing is found. */
function differences(
  before: unknown,
  after: unknown,
  path: string,
  key: string,
  depth = 0,
): readonly Found[] {
  if (before === after) return [];
  if (depth > deepest) return same(before, after) ? [] : [{ path, before: tooDeep, after: tooDeep }];
  if (isMap(before) && isMap(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return keys.flatMap((each) =>
      differences(
        before[each],
        after[each],
        step(path, each),
        nameWithin([before, after], key, each),
        depth + 1,
      ),
    );
  }
  if (Array.isArray(before) && Array.isArray(after)) return listDifferences(before, after, path, key, depth);
  const [left, right] = [jsonMap(before), jsonMap(after)];
  if (left !== undefined && right !== undefined) return differences(left, right, path, key, depth + 1);
  return [leaf(path, key, before, after)];
}

const tooDeep = [`nested deeper than ${deepest} levels`];

/** Changed lines are looked for up to this number: the time that it takes grows with their square. */
export const mostEdits = 1000;

function leaf(path: string, key: string, before: unknown, after: unknown): Found {
  const [left, right] = [shownLines(key, before), shownLines(key, after)];
  if (left.length < 2 || right.length < 2) return { path, before: left, after: right };
  const texts = [left.join("\n"), right.join("\n")] as const;
  const patch = structuredPatch("", "", ...texts, "", "", { context: 0, maxEditLength: mostEdits });
  if (patch === undefined)
    return { path, before: [counted(left.length, "line")], after: [counted(right.length, "line")] };
  const lines = patch.hunks.flatMap((hunk) => hunk.lines);
  const having = (sign: string) => lines.filter((line) => line.startsWith(sign)).map((line) => line.slice(1));
  return { path, before: having("-"), after: having("+") };
}

/** What names an entry of a list, the first that all entries have and that no two share. */
const names = ["name", "key", "path", "mountPath", "containerPort", "host", "id"];

function listDifferences(
  before: readonly unknown[],
  after: readonly unknown[],
  path: string,
  key: string,
  depth: number,
): readonly Found[] {
  const name = names.find((each) => [before, after].every((entries) => isNamedBy(entries, each)));
  if (name !== undefined) {
    const [left, right] = [before, after].map(
      (entries) => new Map(entries.map((entry) => [nameIn(entry, name), entry])),
    );
    const all = [...new Set([...(left?.keys() ?? []), ...(right?.keys() ?? [])])];
    const found = all.flatMap((each) =>
      differences(left?.get(each), right?.get(each), `${path}[${each}]`, key, depth + 1),
    );
    const isSameOrder = all.every(
      (each, i) => each === nameIn(before[i], name) && each === nameIn(after[i], name),
    );
    return found.length > 0 || isSameOrder ? found : [{ path, before: ["(order)"], after: [all.join(", ")] }];
  }
  const gone = without(before, after);
  const come = without(after, before);
  if (gone.length === 0 && come.length === 0) {
    return before.every((entry, i) => contentOf(entry) === contentOf(after[i]))
      ? []
      : [{ path, before: shownLines(key, before), after: shownLines(key, after) }];
  }
  const pairs = alike(gone, come);
  const rest = (entries: readonly unknown[]) =>
    entries.filter((entry) => !pairs.some((pair) => pair.includes(entry)));
  const texts = (entries: readonly unknown[]) => entries.flatMap((entry) => shownLines(key, entry));
  const [left, right] = [texts(rest(gone)), texts(rest(come))];
  return [
    ...pairs.flatMap(([old, fresh]) => differences(old, fresh, `${path}[]`, key, depth + 1)),
    ...(left.length + right.length === 0 ? [] : [{ path: `${path}[]`, before: left, after: right }]),
  ];
}

/** More entries without a name are not joined: each of them is compared with each. */
const mostComparisons = 10_000;

/** Entries without a name that are the same one with a difference: at least half of what both say is equal. */
function alike(gone: readonly unknown[], come: readonly unknown[]): readonly (readonly [unknown, unknown])[] {
  const [lost, free] = [gone.filter(isMap), come.filter(isMap)];
  if (lost.length * free.length > mostComparisons) return [];
  return lost.flatMap((old): (readonly [unknown, unknown])[] => {
    const best = free
      .map((fresh) => ({ fresh, likeness: likeness(old, fresh) }))
      .reduce<{ fresh: Fields; likeness: number } | undefined>(
        (top, each) => (each.likeness >= 0.5 && each.likeness > (top?.likeness ?? 0) ? each : top),
        undefined,
      );
    if (best === undefined) return [];
    free.splice(free.indexOf(best.fresh), 1);
    return [[old, best.fresh]];
  });
}

/** The share of the smaller one's fields that both have. */
function likeness(a: Fields, b: Fields): number {
  const common = Object.keys(a).filter((key) => key in b && same(a[key], b[key])).length;
  return common / Math.min(Object.keys(a).length, Object.keys(b).length);
}

function isNamedBy(entries: readonly unknown[], name: string): boolean {
  const found = entries.map((entry) => nameIn(entry, name));
  return found.every((each) => each !== undefined) && new Set(found).size === found.length;
}

function nameIn(entry: unknown, name: string): string | undefined {
  const found = isMap(entry) ? entry[name] : undefined;
  return typeof found === "string" || typeof found === "number" ? String(found) : undefined;
}

/** Entries of one list that the other lacks, each as often as it is more often there. */
function without(entries: readonly unknown[], others: readonly unknown[]): readonly unknown[] {
  const rest = new Map<string, number>();
  for (const key of others.map(contentOf)) rest.set(key, (rest.get(key) ?? 0) + 1);
  return entries.filter((entry) => {
    const key = contentOf(entry);
    const left = rest.get(key) ?? 0;
    rest.set(key, left - 1);
    return left <= 0;
  });
}

/** One text for all values that are {@link same}: keys in order, those that are undefined left out. */
function contentOf(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    isMap(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
  );
}

/** Some texts are whole documents: Envoy's configuration is one line of JSON. */
function jsonMap(value: unknown): Fields | undefined {
  if (typeof value !== "string" || !value.trimStart().startsWith("{")) return undefined;
  if (openBrackets(value) > deepestNesting) return undefined;
  try {
    const parsed: unknown = JSON.parse(value);
    return isMap(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** The path of a field of a map. */
export function step(path: string, key: string): string {
  const plain = /^[\w-]+$/.test(key);
  if (path === "") return plain ? key : JSON.stringify(key);
  return plain ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`;
}

function lastKey(path: string): string {
  return /([\w-]+)"?\]?(\[\])?$/.exec(path)?.[1] ?? path;
}

/** The lines that a value is shown as; what names a secret is not. */
export function shownLines(key: string, value: unknown): readonly string[] {
  const shown = shownField(key, value);
  if (shown === undefined) return [];
  if (typeof shown === "object" && shown !== null) {
    return stringify(shown, { lineWidth: 0, aliasDuplicateObjects: false }).trimEnd().split("\n");
  }
  return String(shown).split("\n");
}
