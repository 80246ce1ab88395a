import { type Node, type Pair, isMap, isNode, isPair, isScalar, isSeq, visit } from "yaml";
import { formRanges } from "../../redaction/forms";
import { namesSecret } from "../../redaction/names";
import { secretHolders } from "../secrets";
import { type ParsedFile, keyText, placeAt } from "./locate";
import type { Place } from "../../findings/place";

const holders = secretHolders();
/** By their letters: `bcm` is meant for `bmc`, and `mac` is not. */
const holdersByLetters = new Map([...holders].map(([name, open]) => [lettersOf(name), open]));

/**
 * Every stretch of a file that no output may show: the values of secrets by the schema, of keys that sound like one or are
 * a misspelt one, whatever stands where a secret belongs, encrypted values, tokens, and logins inside addresses.
 */
export function hiddenPlaces(file: ParsedFile): readonly Place[] {
  const found: Node[] = [];
  visit(file.document, {
    Pair: (_key, pair, parents) => {
      if (!isNode(pair.value)) return;
      const key = keyText(pair);
      if (namesSecret(key) || isPrivateKey(key, parents.at(-1)) || isNamedValue(key, parents.at(-1)))
        found.push(pair.value);
      else found.push(...inPlaceOfSecret(key, pair.value));
    },
  });
  return [
    ...found.flatMap((node) => placesOf(file, node)),
    ...formRanges(file.text).map(([start, end]) => placeAt(file, start, end)),
  ];
}

/** The chart keeps a private key in a `key` beside its `cert`. */
function isPrivateKey(key: string, map: unknown): boolean {
  return key === "key" && isMap(map) && map.has("cert");
}

/** One entry of an environment: `{ name: DB_PASSWORD, value: … }`. */
function isNamedValue(key: string, map: unknown): boolean {
  return key === "value" && isMap(map) && namesSecret(String(map.get("name") ?? ""));
}

/** What stands in the place of a map that holds a secret, and under keys that such a map does not have: `bmc: [user, PASSWORD]`. */
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
