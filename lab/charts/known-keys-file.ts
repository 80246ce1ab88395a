import type { KeyNode, KeyTree, KnownKeys } from "../../model/cilium/keys/known-keys";

/** The text of model/cilium/keys/recorded-keys.json: what all minors share, and what each has besides; one line per key. */
export function knownKeysFile(trees: ReadonlyMap<string, KeyTree>): string {
  const [first, ...others] = [...trees.values()];
  const shared = others.reduce((common, tree) => intersection(common, tree), first ?? {});
  const minors = Object.fromEntries(
    [...trees].map(([minor, tree]) => [minor, difference(tree, shared)] as const),
  );
  const file: KnownKeys = { shared, minors };
  const lines = (tree: KeyTree) =>
    Object.entries(tree)
      .map(([key, node]) => `  ${JSON.stringify(key)}: ${JSON.stringify(node)}`)
      .join(",\n");
  const own = Object.entries(file.minors).map(([minor, tree]) => `"${minor}": {\n${lines(tree)}\n}`);
  return `{\n"shared": {\n${lines(file.shared)}\n},\n"minors": {\n${own.join(",\n")}\n}\n}\n`;
}

function intersection(a: KeyTree, b: KeyTree): KeyTree {
  return Object.fromEntries(
    Object.entries(a).flatMap(([key, node]): [string, KeyNode][] => {
      const other = b[key];
      if (typeof node === "object" && typeof other === "object") return [[key, intersection(node, other)]];
      return node === other ? [[key, node]] : [];
    }),
  );
}

function difference(tree: KeyTree, shared: KeyTree): KeyTree {
  return Object.fromEntries(
    Object.entries(tree).flatMap(([key, node]): [string, KeyNode][] => {
      const other = shared[key];
      if (typeof node !== "object" || typeof other !== "object") return node === other ? [] : [[key, node]];
      const rest = difference(node, other);
      return Object.keys(rest).length === 0 ? [] : [[key, rest]];
    }),
  );
}
