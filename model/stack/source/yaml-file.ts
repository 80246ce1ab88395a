import {
  type Document,
  type ErrorCode,
  LineCounter,
  type Node,
  type YAMLError,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  parseDocument,
  visit,
} from "yaml";
import type { Finding } from "../../findings/finding";
import { deepestNesting, openBrackets } from "../../text/nesting";
import { type ParsedFile, placeAt } from "./locate";

/** A file's name, as a finding shows it, and its text. */
export interface FileText {
  readonly name: string;
  readonly text: string;
}

/** A YAML file as data and with its places, or what keeps it from being read. */
export interface YamlFile extends ParsedFile {
  readonly data: unknown;
  readonly findings: readonly Finding[];
}

/** The largest stack file that is read: 4 MiB hold more than 10,000 hosts. */
export const largestFileBytes = 4 * 1024 * 1024;
/**
 * A file that unfolds to more values than these through its aliases is an attack or an accident: in all, and for each that is written
 * in it, because checks take their time for each value, and a small file must not take that of a large one.
 */
const largestValueCount = 200_000;
const mostPerWritten = { values: 20, inAll: 10_000 } as const;

/** Reads a text as YAML; never throws. */
export function parseYamlFile({ name, text }: FileText): YamlFile {
  const lines = new LineCounter();
  const nothing = { name, text, document: parseDocument(""), lines, data: undefined };
  const unfit = unfitText(name, text);
  if (unfit !== undefined) return { ...nothing, findings: [unfit] };
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    merge: true,
    ...tagsAsWritten,
    // Its warnings quote keys, and Node would print them as they are.
    logLevel: "error",
    // The library compares each key with all before it; repeatedKeys looks each up.
    uniqueKeys: false,
  });
  const file = { name, text, document, lines };
  const broken = [
    ...document.errors.map((error) => yamlError(file, error)),
    ...unfitKeys(file),
    ...tagged(file),
  ];
  if (broken.length > 0) return { ...file, data: undefined, findings: broken };
  // Without an asterisk there is no alias to look for, and most files have none.
  if (!text.includes("*")) return { ...file, data: document.toJS(), findings: [] };
  const lost = unresolvedAliases(file);
  if (lost.length > 0) return { ...file, data: undefined, findings: lost };
  const size = unfolded(document, document.contents, new Map());
  const { values, inAll } = mostPerWritten;
  if (size > Math.min(largestValueCount, values * writtenIn(document) + inAll)) {
    const problem = `the aliases of ${name} unfold to ${size === Infinity ? "endless" : "far too many"} values`;
    const fix = "write out what the aliases (*name) stand for";
    return { ...file, data: undefined, findings: [fileFinding("file/aliases-bounded", problem, fix)] };
  }
  return { ...file, data: document.toJS({ maxAliasCount: -1 }), findings: [] };
}

/** A finding about a file as a whole. */
export function fileFinding(id: string, problem: string, fix: string): Finding {
  return { id, severity: "error", at: "", problem, fix };
}

/** The file is larger than any stack. */
export function fileTooLarge(name: string, bytes: number): Finding {
  return fileFinding(
    "file/size-bounded",
    `${name} has ${Math.round(bytes / 1024 / 1024)} MiB; a stack file has at most ${largestFileBytes / 1024 / 1024} MiB`,
    "take out what does not belong in it; large files go onto the image",
  );
}

function unfitText(name: string, text: string): Finding | undefined {
  if (text.length > largestFileBytes) return fileTooLarge(name, text.length);
  // Replacement characters are what a reader makes of bytes that are no UTF-8.
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffd]/.test(text)) {
    return fileFinding(
      "file/text-utf8",
      `${name} holds bytes that are no text`,
      "restore it from git, or save it as UTF-8",
    );
  }
  const breaks = disputedLineBreak(text);
  if (breaks !== undefined) {
    return fileFinding(
      "file/line-breaks",
      `line ${breaks.line} of ${name} holds the character ${breaks.character}, which ends a line for some readers of YAML`,
      "save the file with line feeds; in a value write the character as an escape in double quotes",
    );
  }
  return nesting(text) > deepestNesting
    ? fileFinding(
        "file/nesting-bounded",
        `${name} nests deeper than ${deepestNesting} levels`,
        "restore it from git",
      )
    : undefined;
}

/** Options of the library: a tag such as `!!omap` changes no value, and none is passed over in silence. */
export const tagsAsWritten = { resolveKnownTags: false } as const;

/**
 * The places of values and keys with a tag. Readers of YAML differ in what they make of one: of `!!omap` the library makes a Map, which looks empty,
 * and readers in Go, such as Pulumi and kubectl, the list that is written.
 */
export function explicitTags(
  document: Document.Parsed,
  text: string,
): readonly (readonly [start: number, end: number])[] {
  // Without an exclamation mark there is none, and most files have none.
  if (!text.includes("!")) return [];
  const found: (readonly [start: number, end: number])[] = [];
  visit(document, {
    Node: (_key, { tag, range }) => {
      if (tag === undefined) return;
      const [start, end] = range ?? [0, 1];
      found.push([start, end]);
    },
  });
  return found;
}

/**
 * The first character that ends a line for readers of YAML 1.1, such as Go's, and not for ours, or is passed over by one of them:
 * what follows it in a comment is content for the other. `character` is written `U+2028`.
 */
export function disputedLineBreak(
  text: string,
): { readonly line: number; readonly character: string } | undefined {
  const found = /[\u007f-\u009f\u2028\u2029]|(?!^)\ufeff|\r(?!\n)/.exec(text);
  if (found === null) return undefined;
  const code = found[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
  return { line: text.slice(0, found.index).split("\n").length, character: `U+${code}` };
}

/** An upper bound of the depth: brackets that stay open, dashes on one line, and indentation. */
function nesting(text: string): number {
  let dashes = 0;
  for (const [, run = ""] of text.matchAll(/^[ ]*((?:[-?:][ \t]+)+)/gm))
    dashes = Math.max(dashes, run.length / 2);
  return Math.max(openBrackets(text), dashes, deepestIndentation(text));
}

/** How many indentations are open at once. */
function deepestIndentation(text: string): number {
  const open: number[] = [];
  let deepest = 0;
  for (const [, indentation = ""] of text.matchAll(/^( *)[^\s#]/gm)) {
    while ((open.at(-1) ?? -1) >= indentation.length) open.pop();
    open.push(indentation.length);
    deepest = Math.max(deepest, open.length);
  }
  return deepest;
}

/** Aliases of anchors that are not there, or not yet. */
function unresolvedAliases(file: ParsedFile): readonly Finding[] {
  const found: Finding[] = [];
  visit(file.document, {
    Alias: (_key, alias) => {
      if (alias.resolve(file.document) !== undefined) return;
      const [start, end] = alias.range ?? [0, 1];
      found.push({
        ...fileFinding(
          "file/yaml-readable",
          // Its name is not quoted: it may be a password that begins with an asterisk.
          "the alias at this place refers to nothing: no anchor (&) of its name comes before it",
          "write the value out, and a text that begins with * in quotes",
        ),
        place: placeAt(file, start, end),
      });
    },
  });
  return found;
}

/** How many values, keys and aliases a document has as it is written. */
function writtenIn(document: Document.Parsed): number {
  let count = 0;
  visit(document, {
    Node: () => {
      count++;
    },
  });
  return count;
}

/** How many values a node has once its aliases are expanded; infinite when it contains itself. */
function unfolded(document: Document.Parsed, node: unknown, known: Map<Node, number>): number {
  if (isPair(node)) return unfolded(document, node.key, known) + unfolded(document, node.value, known);
  if (!isNode(node)) return 0;
  const before = known.get(node);
  if (before !== undefined) return before;
  if (isAlias(node)) {
    const target = node.resolve(document);
    return target === undefined ? 1 : unfolded(document, target, known);
  }
  if (!isCollection(node)) return 1;
  known.set(node, Infinity);
  const size = 1 + node.items.reduce<number>((sum, item) => sum + unfolded(document, item, known), 0);
  known.set(node, size);
  return size;
}

/** What to do about the mistakes that people really make; everything else is a matter of its place. */
const remedies: Partial<Record<ErrorCode, { readonly problem: string; readonly fix: string }>> = {
  TAB_AS_INDENT: { problem: "a tab indents this line", fix: "indent with spaces" },
  MULTIPLE_DOCS: { problem: "a second document begins here (---)", fix: "keep one document in a stack file" },
  BLOCK_AS_IMPLICIT_KEY: {
    problem: "a key is in the place of a value",
    fix: "begin a new line for the key, or put the text in quotes",
  },
  MISSING_CHAR: {
    problem: "a quote, bracket, comma or colon is missing around this place",
    fix: "close what is open before it",
  },
  BAD_INDENT: {
    problem: "a bracket above stays open, or this line is not aligned with its neighbours",
    fix: "close the bracket, or align the line",
  },
};

function yamlError(file: ParsedFile, error: YAMLError): Finding {
  const remedy = remedies[error.code];
  return {
    ...fileFinding(
      "file/yaml-readable",
      remedy?.problem ?? "this is not YAML",
      remedy?.fix ?? "check the indentation, brackets and quotes around this place",
    ),
    place: placeAt(file, error.pos[0], error.pos[1]),
  };
}

/** Keys that occur a second time in their map, that are no texts, or that merge what cannot be merged, in one pass. */
function unfitKeys(file: ParsedFile): readonly Finding[] {
  const found: Finding[] = [];
  const config = file.document.get("config", true);
  visit(file.document, {
    Map: (_key, map) => {
      const before = new Set<unknown>();
      const isOuter = map === file.document.contents || map === config;
      for (const { key, value } of map.items) {
        if (!isScalar(key)) {
          found.push(
            keyFinding(file, isNode(key) ? key : map, "this key is not a text", "write the key itself"),
          );
          continue;
        }
        if (before.has(key.value)) found.push(repeatedKey(file, key));
        before.add(key.value);
        if (key.source !== "<<") continue;
        const problem = isOuter
          ? "keys of the stack file are merged into this map"
          : isMergeable(file, value)
            ? undefined
            : "what is merged here is not a map, nor a list of maps";
        if (problem !== undefined) found.push(keyFinding(file, key, problem, "write the keys out"));
      }
    },
  });
  return found;
}

/** Whether a value can be merged into a map: a map or the alias of one, or a list of these. */
function isMergeable(file: ParsedFile, value: unknown): boolean {
  const one = (node: unknown) => isMap(isAlias(node) ? node.resolve(file.document) : node);
  const target = isAlias(value) ? value.resolve(file.document) : value;
  return one(target) || (isSeq(target) && target.items.every(one));
}

function tagged(file: ParsedFile): readonly Finding[] {
  return explicitTags(file.document, file.text).map(([start, end]) => ({
    ...fileFinding(
      "file/tags-absent",
      // It is not quoted: it may be a password that begins with an exclamation mark.
      "a tag (!) stands before this value, which means something else to other readers of YAML",
      "write the value without it, and a text that begins with ! in quotes",
    ),
    place: placeAt(file, start, end),
  }));
}

function keyFinding(file: ParsedFile, node: Node, problem: string, fix: string): Finding {
  const [start, end] = node.range ?? [0, 1];
  return { ...fileFinding("file/keys-plain", problem, fix), place: placeAt(file, start, end) };
}

function repeatedKey(file: ParsedFile, key: Node): Finding {
  const [start, end] = key.range ?? [0, 1];
  return {
    ...fileFinding(
      "file/keys-once",
      "this key occurs twice in one map, and only one of the two would take effect",
      "remove one of the two, or join them",
    ),
    place: placeAt(file, start, end),
  };
}
