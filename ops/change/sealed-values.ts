import { pathText } from "../../model/findings/finding";
import { parseYamlFile } from "../../model/stack/source/yaml-file";

/** The encrypted values of a stack file by their place, as they stand there: to be compared, never to be shown. */
export function sealedValues(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const { data } = parseYamlFile({ name: "stack", text });
  const config =
    typeof data === "object" && data !== null ? (data as Record<string, unknown>)["config"] : undefined;
  collect(config, [], found);
  return found;
}

function collect(value: unknown, path: readonly (string | number)[], found: Map<string, string>): void {
  if (typeof value !== "object" || value === null) return;
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  const [first] = entries;
  if (entries.length === 1 && first?.[0] === "secure" && typeof first[1] === "string") {
    found.set(pathText(path), first[1]);
    return;
  }
  for (const [key, inner] of entries) {
    collect(
      inner,
      [...path, typeof key === "string" && path.length === 0 ? key.replace(/^metal:/, "") : key],
      found,
    );
  }
}
