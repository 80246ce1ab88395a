import { stringify } from "yaml";
import { shownField } from "../redaction/objects";

/** The lines that a value is shown as; what names a secret is not. */
export function shownLines(key: string, value: unknown): readonly string[] {
  const shown = shownField(key, value);
  if (shown === undefined) return [];
  if (typeof shown === "object" && shown !== null) {
    return stringify(shown, { lineWidth: 0, aliasDuplicateObjects: false }).trimEnd().split("\n");
  }
  return String(shown).split("\n");
}
