import fs from "node:fs";
import path from "node:path";
import type { KeyNode, KeyTree } from "../../model/cilium/keys/judge-values";

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
 * hidden ones that only its templates name (1.18 to 1.20; validate.yaml names removed keys and is left out).
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

/** A place in the values of a chart: `[]` is their top, `["socketLB"]` the map under that key. */
type Place = readonly string[];

/** What a template sees at some line: the places that the dot and each variable may denote. */
interface Scope {
  readonly dot: readonly Place[];
  readonly variables: ReadonlyMap<string, readonly Place[]>;
}

const keyPath = String.raw`(?:\.\w+)+`;
/** `.Values.a.b`, `$.Values.a.b`, `$variable.a.b` or `.a.b`. */
const reference = new RegExp(String.raw`(\$\w*)?(${keyPath})|(\$\w+)|(?<=[\s(]|^)\.(?=[\s)]|$)`, "g");
/** Functions that return one of their arguments, or a copy of it. */
const passing = /^\(*\s*(?:coalesce|default|or|and|deepCopy|required)\b|^[$.(]/;

/**
 * Keys that templates read, as paths: named in full below .Values, or reached through a variable (`$x := .Values.a`, then
 * `$x.b` or `hasKey $x "b"`), through `with` and `range`, or through a named template that gets a part of the values as
 * its dot. A key whose name is computed is not found; `npm run test:lab` proves by rendering that none is missing.
 */
export function templateKeys(templates: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>();
  const defined = definitions(templates);
  const seen = new Set<string>();
  const queue = templates.map((text) => ({ text: withoutDefinitions(text), dot: [[]] as readonly Place[] }));
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    walk(next.text, next.dot, found, (name, dot) => {
      const text = defined.get(name);
      const key = JSON.stringify([name, dot]);
      if (text === undefined || seen.has(key)) return;
      seen.add(key);
      queue.push({ text, dot });
    });
  }
  return found;
}

/** Root values are written `.Values`; a place keeps that step apart from keys of the values. */
const root = "Values";

function walk(
  text: string,
  dot: readonly Place[],
  found: Set<string>,
  include: (name: string, dot: readonly Place[]) => void,
): void {
  const stack: Scope[] = [{ dot, variables: new Map([["$", [[]]]]) }];
  for (const action of actionsOf(text)) {
    const scope = stack.at(-1) ?? { dot, variables: new Map() };
    const [, word = "", rest = ""] =
      /^(if|with|range|else|end|define|block)?\b\s*([\s\S]*)$/.exec(action) ?? [];
    read(action, word === "else" ? (stack.at(-2) ?? scope) : scope, found);
    for (const [, name = "", argument = ""] of action.matchAll(/include\s+"([^"]+)"\s+([$.\w]+)/g)) {
      include(name, placesOf(argument, scope));
    }
    if (word === "end") stack.pop();
    else if (word === "if" || word === "block") stack.push(scope);
    else if (word === "with" || word === "range") stack.push(entered(word, rest, scope));
    else if (word === "else" && rest !== "") {
      const inner = /^(if|with)\s+([\s\S]*)$/.exec(rest);
      const outer = stack.at(-2) ?? scope;
      stack[stack.length - 1] = inner?.[1] === "with" ? entered("with", inner[2] ?? "", outer) : outer;
    } else if (word === "else") stack[stack.length - 1] = stack.at(-2) ?? scope;
    else if (word === "") {
      const assigned = /^(\$\w+)\s*:?=\s*([\s\S]+)$/.exec(action);
      if (assigned !== null) {
        const places = passedOn(assigned[2] ?? "", scope);
        const variables = new Map(scope.variables).set(assigned[1] ?? "", places);
        stack[stack.length - 1] = { ...scope, variables };
      }
    }
  }
}

/** The scope inside a `with` or a `range`. What a range goes over are entries, whose keys no chart of ours names. */
function entered(word: "with" | "range", expression: string, scope: Scope): Scope {
  const [, variable, value = expression] = /^(\$\w+)\s*:=\s*([\s\S]+)$/.exec(expression) ?? [];
  if (word === "range") return { dot: [], variables: scope.variables };
  const places = passedOn(value, scope);
  return {
    dot: places,
    variables: variable === undefined ? scope.variables : new Map(scope.variables).set(variable, places),
  };
}

/** The places that an expression may return, where it returns one as it is. */
function passedOn(expression: string, scope: Scope): readonly Place[] {
  if (!passing.test(expression)) return [];
  return referencesIn(expression).flatMap((text) => placesOf(text, scope));
}

function referencesIn(expression: string): readonly string[] {
  const withoutTexts = expression.replace(/"(?:[^"\\\\]|\\\\.)*"/g, '""');
  return [...withoutTexts.matchAll(reference)].map(([text]) => text);
}

function placesOf(text: string, { dot, variables }: Scope): readonly Place[] {
  const [, variable, steps = ""] = /^(\$\w*)?((?:\.\w+)*|\.)$/.exec(text) ?? [];
  const bases = variable === undefined ? dot : (variables.get(variable) ?? []);
  return bases.map((base) => [...base, ...steps.split(".").filter((step) => step !== "")]);
}

/** Notes every key that an action reads. */
function read(action: string, scope: Scope, found: Set<string>): void {
  const note = (place: Place) => {
    if (place[0] === root && place.length > 1) found.add(place.slice(1).join("."));
  };
  for (const text of referencesIn(action)) placesOf(text, scope).forEach(note);
  for (const [, of = "", name = ""] of action.matchAll(/(?:hasKey|get|index)\s+\(?([$.\w]+)\)?\s+"(\w+)"/g)) {
    for (const place of placesOf(of, scope)) note([...place, name]);
  }
  for (const [, words = ""] of action.matchAll(/dig\s+((?:"[^"]*"\s+)+)\S*\s*\$?\.Values\.AsMap/g)) {
    note([root, ...[...words.matchAll(/"([^"]+)"/g)].map(([, key = ""]) => key)]);
  }
}

function actionsOf(text: string): readonly string[] {
  return [...text.matchAll(/\{\{-?\s*([\s\S]*?)\s*-?\}\}/g)]
    .map(([, action = ""]) => action)
    .filter((action) => !action.startsWith("/*"))
    .map((action) => action.replaceAll("`", '"'));
}

const definition = /\{\{-?\s*define\s+"([^"]+)"\s*-?\}\}/g;

/** Named templates, with their text. */
function definitions(templates: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    templates.flatMap((text) =>
      [...text.matchAll(definition)].map((match): [string, string] => [
        match[1] ?? "",
        body(text, match.index + match[0].length),
      ]),
    ),
  );
}

/** Up to the `end` that belongs to it. */
function body(text: string, from: number): string {
  let depth = 1;
  for (const match of text.slice(from).matchAll(/\{\{-?\s*(if|with|range|define|block|end)\b[\s\S]*?\}\}/g)) {
    depth += match[1] === "end" ? -1 : 1;
    if (depth === 0) return text.slice(from, from + match.index);
  }
  return text.slice(from);
}

function withoutDefinitions(text: string): string {
  let rest = text;
  for (const match of text.matchAll(definition)) {
    const inner = body(text, match.index + match[0].length);
    rest = rest.replace(`${match[0]}${inner}`, "{{if true}}");
  }
  return rest;
}
