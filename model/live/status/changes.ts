import type { Item, StatusTree } from "./item";

/** What a tree says, line by line, without ages: two trees that say the same have the same texts. */
export type Said = ReadonlyMap<string, string>;

/** One line that appeared, changed or went away. */
export interface StatusChange {
  /** `Workers md-0 > w1`. */
  readonly path: string;
  readonly text: string;
}

/** The texts of a tree by their place in it. */
export function said(tree: StatusTree): Said {
  const texts = new Map([["", `${tree.verdict}, ${tree.nodes.ready}/${tree.nodes.wanted} nodes Ready`]]);
  const add = (items: readonly Item[], stem: string): void => {
    for (const { name, mark, text, children = [] } of items) {
      const path = stem === "" ? name : `${stem} > ${name}`;
      texts.set(path, `${mark}: ${text}`);
      add(children, path);
    }
  };
  add(tree.items, "");
  return texts;
}

/** What the second tree says otherwise than the first. */
export function statusChanges(before: Said, after: Said): readonly StatusChange[] {
  return [
    ...[...before.keys()].filter((path) => !after.has(path)).map((path) => ({ path, text: "gone" })),
    ...[...after].filter(([path, text]) => before.get(path) !== text).map(([path, text]) => ({ path, text })),
  ];
}
