import {
  type Document,
  type LineCounter,
  type Node,
  type Pair,
  type YAMLMap,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
} from "yaml";
import type { Aspect, Place } from "../../findings/finding";

/** A parsed file in which places can be found. */
export interface ParsedFile {
  readonly name: string;
  readonly text: string;
  readonly document: Document.Parsed;
  readonly lines: LineCounter;
}

/** The pair that holds a key, and its value. */
interface Spot {
  readonly key?: Node;
  readonly value?: Node;
}

/**
 * Finds the place of a path such as `hosts[2].bmc.address` below a map. Keys may hold dots themselves, so each map's own
 * keys decide where one ends. What is not there (a missing key) is placed at the nearest parent that is.
 */
export function locate(
  file: ParsedFile,
  root: Node | null | undefined,
  path: string,
  aspect: Aspect,
  rootKey?: Node,
): Place | undefined {
  let spot: Spot = { ...(root ? { value: root } : {}), ...(rootKey === undefined ? {} : { key: rootKey }) };
  let rest = path;
  while (rest !== "") {
    const next = step(resolved(file, spot.value), rest);
    if (next === undefined) return placeOf(file, spot, "key");
    spot = next.spot;
    rest = next.rest;
  }
  return placeOf(file, spot, aspect);
}

function step(node: Node | undefined, path: string): { spot: Spot; rest: string } | undefined {
  if (isSeq(node)) {
    const index = /^\[(\d+)\]\.?/.exec(path);
    const item = index === null ? undefined : node.items[Number(index[1])];
    return isNode(item) ? { spot: { value: item }, rest: path.slice(index?.[0].length) } : undefined;
  }
  if (!isMap(node)) return undefined;
  const pairs = pairsOf(node);
  // Keys may hold dots themselves: the longest that begins the path is meant.
  const ends = [path.length, ...[...path.matchAll(/[.[]/g)].map(({ index }) => index).toReversed()];
  const end = ends.find((length) => pairs.has(path.slice(0, length)));
  if (end === undefined) return undefined;
  const { key, value } = pairs.get(path.slice(0, end)) ?? {};
  return {
    spot: { ...(isNode(key) ? { key } : {}), ...(isNode(value) ? { value } : {}) },
    rest: path.slice(end).replace(/^\./, ""),
  };
}

const pairsByMap = new WeakMap<YAMLMap, ReadonlyMap<string, Pair>>();

/** A map's pairs by their keys' texts, the first of each; a file with many mistakes is searched once per mistake. */
function pairsOf(map: YAMLMap): ReadonlyMap<string, Pair> {
  const known = pairsByMap.get(map);
  if (known !== undefined) return known;
  const pairs = new Map(map.items.toReversed().map((pair) => [keyText(pair), pair]));
  pairsByMap.set(map, pairs);
  return pairs;
}

/** The text of a pair's key; empty for keys that are no text. */
export function keyText(pair: Pair): string {
  const key = isScalar(pair.key) ? pair.key.value : pair.key;
  return typeof key === "string" || typeof key === "number" || typeof key === "boolean" ? String(key) : "";
}

function resolved(file: ParsedFile, node: Node | undefined): Node | undefined {
  return node !== undefined && "resolve" in node && typeof node.resolve === "function"
    ? ((node.resolve as (document: Document.Parsed) => Node | undefined)(file.document) ?? undefined)
    : node;
}

/** A text or number is shown itself; of a list or map its key is, because the whole would be half the file. */
function placeOf(file: ParsedFile, spot: Spot, aspect: Aspect): Place | undefined {
  const value = spot.value;
  const small = value !== undefined && !isPair(value) && (isScalar(value) || isOneLine(file, value));
  const node = aspect === "value" && small && !isEmpty(value) ? value : (spot.key ?? value);
  const range = node?.range;
  return range === undefined || range === null ? undefined : placeAt(file, range[0], range[1]);
}

function isOneLine(file: ParsedFile, node: Node): boolean {
  const [start, end] = node.range ?? [0, 0];
  return end > start && !file.text.slice(start, end).trimEnd().includes("\n");
}

function isEmpty(node: Node | undefined): boolean {
  const [start, end] = node?.range ?? [0, 0];
  return start === end;
}

/** The place of a stretch of the text, cut at the end of its first line. */
export function placeAt(
  file: Pick<ParsedFile, "name" | "text" | "lines">,
  start: number,
  end: number,
): Place {
  const { line, col } = file.lines.linePos(start);
  const firstLine = file.text.slice(start, end).split(/\r?\n/)[0] ?? "";
  return {
    file: file.name,
    line: Math.max(1, line),
    column: Math.max(1, col),
    length: Math.max(1, firstLine.length),
  };
}
