import { type Node, type Pair, isAlias, isMap, isNode, isPair, isScalar, isSeq, visit } from "yaml";
import { type Aspect, type Finding, type Place, pathText } from "../../findings/finding";
import type { Source } from "../../findings/report";
import { field } from "../../kubernetes/object";
import { formRanges } from "../../redaction/forms";
import { saysSecret } from "../../redaction/entries";
import { holdsEntry, namesSecret } from "../../redaction/names";
import { nearest } from "../../text/wording";
import { namesSecretObject, secretHolders } from "../secrets";
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
  const found: (readonly Stretch[])[] = [];
  visit(file.document, {
    Pair: (_key, pair, parents) => {
      const key = keyText(pair);
      const map = parents.at(-1);
      const isSecret = namesSecret(key) || isPrivateKey(key, map) || isNamedValue(key, map);
      found.push(isSecret && isNode(pair.value) ? stretchesOf(file, pair) : inPlaceOfSecret(file, key, pair));
    },
  });
  return [
    ...found.flat().flatMap((stretch) => placesOf(file, stretch)),
    ...formRanges(file.text).map(([start, end]) => placeAt(file, start, end)),
  ];
}

/** From where to where in the text. */
type Stretch = readonly [start: number, end: number];

/**
 * All that stands behind a key: anchor and tag too, which may be the beginning of a password (`&word`, `!word`), and a comment
 * on the same line.
 */
function valueOf(file: ParsedFile, pair: Pair): Stretch {
  const [, keyEnd = 0] = (isNode(pair.key) ? pair.key.range : undefined) ?? [];
  const [start, end] = (isNode(pair.value) ? pair.value.range : undefined) ?? [keyEnd, keyEnd];
  const colon = /^\s*:/.exec(file.text.slice(keyEnd, start))?.[0].length;
  const comment = /^[^\S\n]*#[^\n]*/.exec(file.text.slice(end))?.[0].length ?? 0;
  return [colon === undefined ? start : keyEnd + colon, end + comment];
}

/** All that is hidden of a pair; the value itself too, because the scrub looks for it elsewhere. */
function stretchesOf(file: ParsedFile, pair: Pair): readonly Stretch[] {
  const { value } = pair;
  if (!isNode(value)) return [valueOf(file, pair)];
  const [start = 0, end = 0] = value.range ?? [];
  return [valueOf(file, pair), [start, end], ...targetsOf(file, value)];
}

/** What the aliases in a value stand for, wherever that is. */
function targetsOf(file: ParsedFile, value: Node): readonly Stretch[] {
  const found: Stretch[] = [];
  visit(value, {
    Alias: (_key, alias) => {
      const [start, end] = alias.resolve(file.document)?.range ?? [0, 0];
      found.push([start, end]);
    },
  });
  return found;
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

/**
 * Values in the place of a map that holds a secret, and all of what such a map does not have: `bmc: [user, PASSWORD]`,
 * `bmc: { PASSWORD: }`, a Secret's name that is none.
 */
function inPlaceOfSecret(file: ParsedFile, key: string, pair: Pair): readonly Stretch[] {
  const { value } = pair;
  const name = key.replace(/^metal:/, "");
  const open = holders.get(name) ?? holdersByLetters.get(lettersOf(name));
  if (open === undefined || !isNode(value)) return [];
  const maps = isSeq(value) ? value.items : [value];
  if (!maps.every((map) => isMap(isAlias(map) ? map.resolve(file.document) : map)))
    return stretchesOf(file, pair);
  const pairs = maps.flatMap((map) => (isMap(map) ? map.items : []));
  return pairs.flatMap((inner): readonly Stretch[] => {
    const word = keyText(inner);
    const isOpen = open.has(word) && !(namesSecretObject(word) && !isObjectName(inner.value));
    if (isOpen) return [];
    const [start, end] = valueOf(file, inner);
    // The secret's own key, a key with another form of value, or one of these misspelt.
    const isKey = open.has(word) || namesSecret(word) || nearest(word, [...open]) !== undefined;
    const from = isNode(inner.key) && !isKey ? (inner.key.range?.[0] ?? start) : start;
    return [[from, end], ...stretchesOf(file, inner)];
  });
}

function isObjectName(value: unknown): boolean {
  return isScalar(value) && typeof value.value === "string" && /^[a-z0-9.-]{1,253}$/.test(value.value);
}

function lettersOf(name: string): string {
  return [...name.toLowerCase().replace(/[^a-z]|s$/g, "")].sort().join("");
}

/** Each line of a stretch. */
function placesOf(file: ParsedFile, [start, end]: Stretch): readonly Place[] {
  const places: Place[] = [];
  let at = start;
  for (const line of file.text.slice(start, end).split("\n")) {
    const blank = line.length - line.trimStart().length;
    if (line.trim() !== "") places.push(placeAt(file, at + blank, at + line.length));
    at += line.length + 1;
  }
  return places;
}
