import { pathText } from "../findings/finding";

/** Thrown when a value is read that the schema has refused: whatever depends on it is inconclusive. */
export class UnparsedValueError extends Error {
  constructor(readonly at: string) {
    super(`"${at}" was not read: the schema refuses it`);
  }
}

type Path = readonly PropertyKey[];

/**
 * A stack of which some places were refused. Everything else can be read as usual; reading a refused place, or listing
 * what one holds, throws {@link UnparsedValueError}. So checks need no special case, and never see half a value.
 */
export function partialStack<T extends object>(value: T, refused: readonly Path[]): T {
  if (refused.some((path) => path.length === 0)) return unparsedValue(value, "");
  return guarded(value, refused, []);
}

function guarded<T extends object>(value: T, refused: readonly Path[], here: Path): T {
  const parts = new Map<PropertyKey, unknown>();
  const inside = new Map<string, Path[]>();
  for (const [key = "", ...rest] of refused) {
    const others = inside.get(String(key));
    if (others === undefined) inside.set(String(key), [rest]);
    else others.push(rest);
  }
  return new Proxy(withRefusedKeys(value, refused), {
    get: (target, key) => {
      if (!parts.has(key)) parts.set(key, partAt(target, key, inside.get(String(key)) ?? [], here));
      const part = parts.get(key);
      if (part instanceof UnparsedValueError) throw part;
      return part;
    },
  });
}

/** With a key that is missing, too: a copy by spreading reads the keys that exist. */
function withRefusedKeys<T extends object>(value: T, refused: readonly Path[]): T {
  if (Array.isArray(value)) return value;
  return { ...Object.fromEntries(refused.map(([key]) => [key, undefined])), ...value };
}

/** The value of one key: as it is where nothing in it is refused; the error to throw where all of it is. */
function partAt(target: object, key: PropertyKey, inside: readonly Path[], here: Path): unknown {
  const path = [...here, Array.isArray(target) && inside.length > 0 ? Number(key) : key];
  if (inside.some((rest) => rest.length === 0)) return new UnparsedValueError(pathText(path));
  const part = Reflect.get(target, key) as unknown;
  if (inside.length === 0) return part;
  return typeof part === "object" && part !== null
    ? guarded(part, inside, path)
    : new UnparsedValueError(pathText(path));
}

function unparsedValue<T extends object>(value: T, at: string): T {
  const refuse = (): never => {
    throw new UnparsedValueError(at);
  };
  return new Proxy(value, { get: refuse, has: refuse, ownKeys: refuse });
}
