import data from "./recorded-keys.json";

/**
 * What a chart takes at one key: a map with keys of its own, or letters for the types of a value: `a` list, `b` boolean,
 * `i` integer, `n` number, `o` map of anything, `s` text, `*` anything; `=x|y` is one of these words.
 */
export type KeyNode = string | KeyTree;
export interface KeyTree {
  readonly [key: string]: KeyNode;
}

/** Form of recorded-keys.json, which `npm run charts` writes. */
export interface KnownKeys {
  readonly shared: KeyTree;
  readonly minors: Readonly<Record<string, KeyTree>>;
}

const { shared, minors }: KnownKeys = data;

/** Minors of Cilium whose keys are known, such as 1.19; the oldest first. */
export const knownMinors: readonly string[] = Object.keys(minors).sort(
  (a, b) => Number(a.split(".")[1]) - Number(b.split(".")[1]),
);

/** Every key of a minor's chart; undefined for a minor that is not known. */
export function keysOfMinor(minor: string): KeyTree | undefined {
  const own = minors[minor];
  return own === undefined ? undefined : united(shared, own);
}

/** The minor of a version: 1.19.5 is of 1.19. */
export function minorOf(version: string): string {
  return version.split(".").slice(0, 2).join(".");
}

function united(a: KeyTree, b: KeyTree): KeyTree {
  const all: Record<string, KeyNode> = { ...a };
  for (const [key, node] of Object.entries(b)) {
    const below = all[key];
    all[key] = typeof below === "object" && typeof node === "object" ? united(below, node) : node;
  }
  return all;
}
