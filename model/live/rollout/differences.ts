import { field, isMap } from "../../kubernetes/object";

/**
 * Paths at which two plain values differ, `joinConfiguration.nodeRegistration`; a list is one value. What is absent on
 * one side differs. Entries of a list with names are compared whatever their order: server-side apply keeps its own.
 */
export function differences(
  before: unknown,
  after: unknown,
  path: readonly string[] = [],
): readonly string[] {
  if (isMap(before) && isMap(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return keys.flatMap((key) => differences(before[key], after[key], [...path, key]));
  }
  return canonical(before) === canonical(after) ? [] : [path.join(".")];
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (Array.isArray(inner)) return sortedByName(inner);
    return isMap(inner) ? Object.fromEntries(Object.entries(inner).sort(byKey)) : inner;
  });
}

function byKey([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1;
}

function sortedByName(entries: readonly unknown[]): readonly unknown[] {
  const names = entries.map((entry) => field(entry, "name"));
  if (!names.every((name) => typeof name === "string")) return entries;
  return [...entries].sort((a, b) => byKey([String(field(a, "name")), a], [String(field(b, "name")), b]));
}
