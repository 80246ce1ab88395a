/** Each entry whose key an earlier one has, together with the first that has it. */
export function repeated<T>(entries: readonly T[], key: (entry: T) => string): readonly (readonly [T, T])[] {
  const seen = new Map<string, T>();
  return entries.flatMap((entry) => {
    const first = seen.get(key(entry));
    if (first !== undefined) return [[first, entry] as const];
    seen.set(key(entry), entry);
    return [];
  });
}
