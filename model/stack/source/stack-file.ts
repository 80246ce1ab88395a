import { type Node, type Pair, isMap, isNode, isPair, isScalar, isSeq, visit } from "yaml";
import { type Aspect, type Finding, type Place, pathText } from "../../findings/finding";
import type { Source } from "../../findings/report";
import { field } from "../../kubernetes/object";
import { formRanges } from "../../redaction/forms";
import { saysSecret } from "../../redaction/entries";
import { holdsEntry, namesSecret } from "../../redaction/names";
import { secretHolders } from "../secrets";
import { type ParsedFile, keyText, locate, placeAt } from "./locate";
import { type FileText, type YamlFile, fileFinding, parseYamlFile } from "./yaml-file";

/** A stack file, read as Pulumi would read it but without Pulumi: no secret is decrypted. */
export interface StackFile extends Source {
  /** Keys without their `metal:` prefix; encrypted values are {@link ENCRYPTED}. */
  readonly raw: Readonly<Record<string, unknown>>;
  /** All `secure:` values by their paths, still encrypted: to be compared, never to be shown. */
  readonly encrypted: ReadonlyMap<string, string>;
  /** The place of a path; a missing key has the place of its parent. */
  place(at: string, aspect?: Aspect): Place | undefined;
  /** A value as the file spells it: `1.20`, where its data is 1.2. Undefined for what is longer than a line. */
  written(at: string): string | undefined;
  /** What keeps the files from being read at all; with any, `raw` is empty. */
  readonly findings: readonly Finding[];
}

/** Replaces every encrypted value, which cannot be decrypted here. */
const ENCRYPTED = "[encrypted]";

const prefix = "metal:";

/** Reads a stack file and the defaults that Pulumi.yaml gives for its keys; never throws. */
export function parseStackFile(stack: FileText, project?: FileText): StackFile {
  const stackFile = parseYamlFile(stack);
  const files = [stackFile, ...(project === undefined ? [] : [parseYamlFile(project)])];
  const broken = files.flatMap(({ findings }) => findings);
  const findings = broken.length > 0 ? broken : configSection(stackFile);
  const entries = new Map(findings.length > 0 ? [] : files.toReversed().flatMap(entriesOf));
  const encrypted = new Map<string, string>();
  const raw = Object.fromEntries(
    [...entries].map(([key, { value }]) => [key, withoutSecure(asPulumiHands(value), [key], encrypted)]),
  );
  const place = (at: string, aspect: Aspect = "value") => placeIn(stackFile, entries, at, aspect);
  const lines = new Map(files.filter(isShowable).map((file) => [file.name, file.text.split(/\r?\n/)]));
  let hidden: readonly Place[] | undefined;
  return {
    raw,
    encrypted,
    place,
    lines: (name) => lines.get(name) ?? [],
    written: (at) => {
      const found = place(at);
      const line = found === undefined ? undefined : lines.get(found.file)?.[found.line - 1];
      return line?.slice((found?.column ?? 1) - 1, (found?.column ?? 1) - 1 + (found?.length ?? 0));
    },
    // Only reports need it, and searching a whole file is slow.
    get hidden() {
      return (hidden ??= files.filter(isShowable).flatMap(hiddenPlaces));
    },
    findings,
  };
}

/** A text that is not YAML may have secrets anywhere, so none of its lines is shown. */
function isShowable({ findings }: YamlFile): boolean {
  return findings.every(({ id }) => ["file/keys-once", "file/keys-plain"].includes(id));
}

/** One configuration key: its value as data, and the nodes that hold it. */
interface Entry {
  readonly file: ParsedFile;
  readonly value: unknown;
  readonly key: Node | undefined;
  readonly node: Node | undefined;
}

function configSection({ name, text, document }: YamlFile): readonly Finding[] {
  if (isMap(document.get("config", true))) return [];
  const problem =
    text.trim() === "" ? `${name} is empty` : `${name} has no "config:" section with keys in it`;
  return [fileFinding("file/config-section", problem, "copy Pulumi.capi-1.yaml and make it yours")];
}

/** The keys of `config:` that belong to this project; Pulumi.yaml may leave their prefix out and wraps their values. */
function entriesOf(file: YamlFile): (readonly [string, Entry])[] {
  const isProject = file.name === "Pulumi.yaml";
  const config = file.document.get("config", true);
  if (!isMap(config)) return [];
  return config.items.flatMap((pair): (readonly [string, Entry])[] => {
    const key = keyText(pair);
    const own = key.startsWith(prefix)
      ? key.slice(prefix.length)
      : isProject && !key.includes(":")
        ? key
        : undefined;
    if (own === undefined) return [];
    const given = field(file.data, "config", key);
    const value = isProject ? projectValue(given) : given;
    if (value === undefined) return [];
    const node = isNode(pair.value) ? pair.value : undefined;
    return [
      [
        own,
        {
          file,
          value: unquoted(isProject ? projectValue(value) : value),
          key: isNode(pair.key) ? pair.key : undefined,
          node,
        },
      ],
    ];
  });
}

/** `pulumi config set` writes every plain value with quotes, and the engine hands it over without. */
function unquoted(value: unknown): unknown {
  if (value === "true" || value === "false") return value === "true";
  return value;
}

/** What a key's entry in Pulumi.yaml may hold with or instead of a value. */
const declaration = ["description", "type", "items", "secret", "value", "default"];

/** Pulumi.yaml gives a key's value as such, or as `{ value: … }` or `{ default: … }`; undefined where it only describes it. */
function projectValue(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.keys(value).every((key) => declaration.includes(key))
    ? (field(value, "value") ?? field(value, "default"))
    : value;
}

/** Pulumi hands lists and maps over as they are, but a single number as text. */
function asPulumiHands(value: unknown): unknown {
  return typeof value === "number" ? String(value) : value;
}

function withoutSecure(
  value: unknown,
  path: readonly (string | number)[],
  found: Map<string, string>,
): unknown {
  if (Array.isArray(value)) return value.map((item, i) => withoutSecure(item, [...path, i], found));
  if (typeof value !== "object" || value === null) return value;
  const [first, ...others] = Object.entries(value);
  if (others.length === 0 && first?.[0] === "secure") {
    const at = pathText(path);
    const text = typeof first[1] === "string" ? first[1] : JSON.stringify(first[1]);
    // With dots in keys, two places can have one path.
    found.set(at, [found.get(at) ?? [], text].flat().join("\n"));
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
  const { file = stackFile, key, node } = entries.get(name) ?? {};
  if (key === undefined)
    return at === "" ? undefined : locate(stackFile, stackFile.document.contents, "config", "key");
  const rest = at.slice(name.length).replace(/^\./, "");
  const root = file.name === "Pulumi.yaml" && isMap(node) ? (wrapped(node) ?? node) : node;
  return locate(file, root, rest, aspect, key);
}

/** The content of `value:` or `default:` in Pulumi.yaml. */
function wrapped(node: Node): Node | undefined {
  const inner: unknown = isMap(node) ? (node.get("value", true) ?? node.get("default", true)) : undefined;
  return isNode(inner) ? inner : undefined;
}

const holders = secretHolders();
/** By their letters: `bcm` is meant for `bmc`, and `mac` is not. */
const holdersByLetters = new Map([...holders].map(([name, open]) => [lettersOf(name), open]));

/**
 * Every stretch of a file that no output may show: the values of secrets by the schema, of keys that sound like one or are
 * a misspelt one, any value in the place of a secret, encrypted values, tokens, and logins inside addresses.
 */
function hiddenPlaces(file: ParsedFile): readonly Place[] {
  const found: Node[] = [];
  visit(file.document, {
    Pair: (_key, pair, parents) => {
      if (!isNode(pair.value)) return;
      const key = keyText(pair);
      if (namesSecret(key) || isPrivateKey(key, parents.at(-1)) || isNamedValue(key, parents.at(-1)))
        found.push(pair.value);
      else for (const node of inPlaceOfSecret(key, pair.value)) found.push(node);
    },
  });
  return [
    ...found.flatMap((node) => placesOf(file, node)),
    ...formRanges(file.text).map(([start, end]) => placeAt(file, start, end)),
  ];
}

/** The chart keeps a private key in a `key` next to its `cert`. */
function isPrivateKey(key: string, map: unknown): boolean {
  return key === "key" && isMap(map) && map.has("cert");
}

/** One entry of an environment (`{ name: DB_PASSWORD, value: … }`), or a file whose path says what it holds. */
function isNamedValue(key: string, map: unknown): boolean {
  return (
    holdsEntry(key) &&
    isMap(map) &&
    map.items.some(
      (pair) => isPair(pair) && isScalar(pair.value) && saysSecret(keyText(pair), String(pair.value.value)),
    )
  );
}

/** Values in the place of a map that holds a secret, and under keys that such a map does not have: `bmc: [user, PASSWORD]`. */
function inPlaceOfSecret(key: string, value: Node): readonly Node[] {
  const name = key.replace(/^metal:/, "");
  const open = holders.get(name) ?? holdersByLetters.get(lettersOf(name));
  if (open === undefined) return [];
  if (isScalar(value)) return [value];
  const maps = isSeq(value) ? value.items : [value];
  return maps.flatMap((map): readonly Node[] => {
    if (isScalar(map) || isSeq(map)) return [map];
    if (!isMap(map)) return [];
    return map.items.filter((pair) => isPair(pair) && !open.has(keyText(pair))).flatMap(valueOf);
  });
}

function lettersOf(name: string): string {
  return [...name.toLowerCase().replace(/[^a-z]|s$/g, "")].sort().join("");
}

function valueOf({ value }: Pair): readonly Node[] {
  return isNode(value) ? [value] : [];
}

/** Each line that a node covers. */
function placesOf(file: ParsedFile, node: Node): readonly Place[] {
  const [start = 0, end = 0] = node.range ?? [];
  const places: Place[] = [];
  let at = start;
  for (const line of file.text.slice(start, end).split("\n")) {
    if (line.trim() !== "") places.push(placeAt(file, at, at + line.length));
    at += line.length + 1;
  }
  return places;
}
