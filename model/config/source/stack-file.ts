import { LineCounter, type Node, isMap, isNode, isScalar, parseDocument } from "yaml";
import type { Finding } from "../../findings";
import { field } from "../../kubernetes/object";
import { pathText } from "../path";
import { type ParsedFile, keyText, locate, placeAt } from "./locate";
import type { Aspect, Place } from "./place";

/** A file's name, as a finding shows it, and its text. */
export interface FileText {
  readonly name: string;
  readonly text: string;
}

/** A stack file, read as Pulumi would read it but without Pulumi: no secret is decrypted. */
export interface StackFile {
  /** Keys without their `metal:` prefix; encrypted values are {@link ENCRYPTED}. */
  readonly raw: Readonly<Record<string, unknown>>;
  /** Paths of all `secure:` values. */
  readonly encrypted: readonly string[];
  /** Where a path stands; a missing key stands at its parent. */
  place(at: string, aspect?: Aspect): Place | undefined;
  /** The lines of a file, for frames around a place. */
  lines(file: string): readonly string[];
  /** What keeps the files from being read at all; with any, `raw` says nothing. */
  readonly findings: readonly Finding[];
}

/** Stands in for every encrypted value, whose text nobody here can or may know. */
export const ENCRYPTED = "[encrypted]";

const prefix = "metal:";

/** Reads a stack file and the defaults that Pulumi.yaml gives for its keys; never throws. */
export function parseStackFile(stack: FileText, project?: FileText): StackFile {
  const stackFile = parsed(stack);
  const projectFile = project === undefined ? undefined : parsed(project);
  const files = [stackFile, ...(projectFile === undefined ? [] : [projectFile])];
  const broken = files.flatMap(({ findings }) => findings);
  const own = broken.length > 0 ? new Map<string, Entry>() : entriesOf(stackFile, (value) => value);
  const defaults =
    broken.length > 0 || projectFile === undefined
      ? new Map<string, Entry>()
      : entriesOf(projectFile, projectValue);
  const entries = new Map([...defaults, ...own]);
  const encrypted: string[] = [];
  const raw = Object.fromEntries(
    [...entries].map(([key, { value }]) => [key, withoutSecure(value, [key], encrypted)]),
  );
  return {
    raw,
    encrypted,
    place: (at, aspect = "value") => placeIn(stackFile, entries, at, aspect),
    lines: (name) => files.find((file) => file.name === name)?.text.split(/\r?\n/) ?? [],
    findings: broken,
  };
}

/** One configuration key: its value as data, and the nodes that hold it. */
interface Entry {
  readonly file: ParsedFile;
  readonly value: unknown;
  readonly key: Node | undefined;
  readonly node: Node | undefined;
}

interface Parsed extends ParsedFile {
  readonly findings: readonly Finding[];
}

function parsed({ name, text }: FileText): Parsed {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true });
  const file = { name, text, document, lines };
  const findings = document.errors.map((error): Finding => ({
    id: "file/yaml-readable",
    severity: "error",
    at: "",
    problem: `${name} is not YAML here`,
    fix: "correct the indentation, brackets or quotes around this place",
    place: placeAt(file, error.pos[0], error.pos[1]),
  }));
  return { ...file, findings };
}

/** The keys of `config:` that belong to this project. */
function entriesOf(file: ParsedFile, valueOf: (value: unknown) => unknown): Map<string, Entry> {
  const config = file.document.get("config", true);
  if (!isMap(config)) return new Map();
  const data: unknown = file.document.toJS();
  return new Map(
    config.items.flatMap((pair): [string, Entry][] => {
      const key = keyText(pair);
      const own = key.startsWith(prefix) ? key.slice(prefix.length) : undefined;
      if (own === undefined) return [];
      const value = valueOf(field(data, "config", key));
      const node = isNode(pair.value) ? pair.value : undefined;
      return [[own, { file, value, key: isNode(pair.key) ? pair.key : undefined, node }]];
    }),
  );
}

/** Pulumi.yaml gives a key's value as such, or as `{ value: … }` or `{ default: … }`. */
function projectValue(value: unknown): unknown {
  return field(value, "value") ?? field(value, "default") ?? value;
}

function withoutSecure(value: unknown, path: readonly (string | number)[], found: string[]): unknown {
  if (Array.isArray(value)) return value.map((item, i) => withoutSecure(item, [...path, i], found));
  if (typeof value !== "object" || value === null) return value;
  const keys = Object.keys(value);
  if (keys.length === 1 && keys[0] === "secure") {
    found.push(pathText(path));
    return ENCRYPTED;
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, withoutSecure(item, [...path, key], found)]),
  );
}

function placeIn(
  stackFile: ParsedFile,
  entries: ReadonlyMap<string, Entry>,
  at: string,
  aspect: Aspect,
): Place | undefined {
  const [name = ""] = at.split(/[.[]/, 1);
  const entry = entries.get(name);
  if (entry === undefined) return placeOfKey(stackFile, stackFile.document.contents, "config");
  const keyPlace = entry.key === undefined ? undefined : placeOfNode(entry.file, entry.key);
  const rest = at.slice(name.length).replace(/^\./, "");
  if (rest === "") {
    return aspect === "value" && isScalar(entry.node) && entry.node.value !== null
      ? placeOfNode(entry.file, entry.node)
      : keyPlace;
  }
  if (entry.node === undefined) return keyPlace;
  return locate(entry.file, entry.node, rest, aspect, entry.key);
}

function placeOfKey(file: ParsedFile, map: unknown, name: string): Place | undefined {
  if (!isMap(map)) return undefined;
  const pair = map.items.find((item) => keyText(item) === name);
  return pair !== undefined && isNode(pair.key) ? placeOfNode(file, pair.key) : undefined;
}

function placeOfNode(file: ParsedFile, node: Node): Place | undefined {
  const range = node.range;
  return range === undefined || range === null ? undefined : placeAt(file, range[0], range[1]);
}
