import fs from "node:fs";
import path from "node:path";
import type { KeyNode, KeyTree } from "../../model/cilium/keys/known-keys";
import { templateKeys } from "./template-keys";

interface Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly string[];
  readonly oneOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
}

/** Keys that templates name only to refuse or to guard something: setting them has no effect. */
const guards = ["hostServices"];
/** One letter per type of JSON Schema; `*` is any value. */
const letters: Readonly<Record<string, string>> = {
  array: "a",
  boolean: "b",
  integer: "i",
  number: "n",
  object: "o",
  string: "s",
  null: "",
};

/**
 * Every key that a chart reads: the properties of its values.schema.json, which are those of values.yaml, and the
 * hidden ones that only its templates name (facts of 1.18 to 1.20; validate.yaml names removed keys and is left out).
 */
export function chartKeys(chart: string): KeyTree {
  const schema = JSON.parse(fs.readFileSync(path.join(chart, "values.schema.json"), "utf8")) as Schema;
  // Helm gives every chart the key "global"; this one reads nothing below it.
  const tree = Object.fromEntries(
    Object.entries(keysOf(schema)).filter(([key]) => key !== "global"),
  ) as Record<string, KeyNode>;
  for (const key of hiddenKeys(chart)) addHidden(tree, key.split("."));
  return sorted(tree) as KeyTree;
}

function keysOf({ type, enum: choices, oneOf, properties }: Schema): KeyNode {
  if (properties !== undefined) {
    return Object.fromEntries(Object.entries(properties).map(([key, inner]) => [key, keysOf(inner)]));
  }
  if (choices !== undefined) return `=${choices.join("|")}`;
  if (oneOf !== undefined) return oneOf.map(keysOf).find((each) => each !== "*") ?? "*";
  if (type === undefined) return "*";
  const types = typeof type === "string" ? [type] : type;
  return types.map((each) => letters[each] ?? "").join("") || (types.includes("null") ? "*" : "");
}

function hiddenKeys(chart: string): readonly string[] {
  return [...templateKeys(templatesOf(chart))]
    .filter((name) => name.split(".")[0] !== "AsMap" && !guards.includes(name.split(".")[0] ?? ""))
    .sort();
}

/** The texts of a chart's templates, without those that only refuse removed keys. */
export function templatesOf(chart: string): readonly string[] {
  return ["templates", "files"].flatMap((folder) =>
    fs
      .readdirSync(path.join(chart, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name !== "validate.yaml")
      .map((entry) => fs.readFileSync(path.join(entry.parentPath, entry.name), "utf8")),
  );
}

/** A hidden key may hold anything; one below an open value is allowed anyway. */
function addHidden(tree: Record<string, KeyNode>, [key = "", ...rest]: readonly string[]): void {
  const here = tree[key];
  if (rest.length === 0) {
    tree[key] = here ?? "*";
  } else if (here === undefined || here === "*" || typeof here !== "string") {
    const below = typeof here === "object" ? { ...here } : {};
    addHidden(below, rest);
    tree[key] = below;
  }
}

function sorted(node: KeyNode): KeyNode {
  if (typeof node === "string") return node;
  const byName = Object.entries(node).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(byName.map(([key, inner]) => [key, sorted(inner)]));
}
