import { type Node, isMap, isNode, isScalar, visit } from "yaml";
import { loginRanges } from "../../redaction/forms";
import { namesSecret } from "../../redaction/names";
import { secretHolderNames } from "../secrets";
import { type ParsedFile, keyText, placeAt } from "./locate";
import type { Place } from "../../findings/place";

const holders = secretHolderNames();

/**
 * Every stretch of a file that no output may show: the values of secrets by the schema, of keys that sound like one or are
 * a misspelt one, encrypted values, and logins inside addresses.
 */
export function hiddenPlaces(file: ParsedFile): readonly Place[] {
  const found: Place[] = [];
  visit(file.document, {
    Pair: (_key, pair, parents) => {
      const key = keyText(pair);
      const parent = parents.at(-1);
      const isPrivateKey = key === "key" && isMap(parent) && parent.has("cert");
      const isInItsPlace = isScalar(pair.value) && holders.has(key.replace(/^metal:/, ""));
      if (isNode(pair.value) && (isPrivateKey || isInItsPlace || namesSecret(key))) {
        found.push(...placesOf(file, pair.value));
      }
    },
  });
  for (const [start, end] of loginRanges(file.text)) found.push(placeAt(file, start, end));
  return found;
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
