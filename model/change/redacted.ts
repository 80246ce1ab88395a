import { shownField } from "../redaction/objects";
import { withoutSecrets } from "../redaction/text";
import type { Change } from "./change";
import { Words } from "./formatted-text";

/** A change without what is a secret in any of its texts, before a format cuts or escapes them. */
export function shownChange(change: Change): Change {
  return shownIn(change) as Change;
}

/** A sentence in the same way. */
export function shownWords(words: Words): Words {
  return words.withValues(withoutSecrets);
}

function shownIn(value: unknown): unknown {
  if (typeof value === "string") return withoutSecrets(value);
  if (value instanceof Words) return shownWords(value);
  // Lines of one text: the next line may belong to a key.
  if (Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === "string"))
    return withoutSecrets(value.join("\n")).split("\n");
  if (Array.isArray(value)) return value.map(shownIn);
  if (typeof value !== "object" || value === null) return value;
  const { key } = value as { readonly key?: unknown };
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      typeof key === "string" && (name === "before" || name === "after")
        ? shownField(key, inner)
        : shownIn(inner),
    ]),
  );
}

/** A change for programs. Stable: keys are only ever added. Sentences are text. */
export function renderJson(change: Change): string {
  return JSON.stringify(shownChange(change), undefined, 2);
}
