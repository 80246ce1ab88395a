import { stringify } from "yaml";
import { soundsSecret } from "../config/secrets";
import { withoutLogins } from "../config/source/logins";

const hidden = "[hidden]";

/** Keys that sound like a secret's and only say where one is. */
const reference = /(name|namespace|ref|path|file|location|seconds|count|mode|enabled)s?$/i;

/** The lines that a value is shown as; what sounds like a secret is not. */
export function shownLines(key: string, value: unknown): readonly string[] {
  if (value === undefined) return [];
  if (typeof value === "object" && value !== null) {
    return stringify(withoutSecrets(value), { lineWidth: 0, aliasDuplicateObjects: false })
      .trimEnd()
      .split("\n");
  }
  return isHidden(key, value) ? [hidden] : withoutLogins(String(value)).split("\n").map(shownLine);
}

function isHidden(key: string, value: unknown): boolean {
  return typeof value === "string" && value !== "" && soundsSecret(key) && !reference.test(key);
}

function withoutSecrets(value: unknown, key = ""): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutSecrets(item, key));
  if (typeof value !== "object" || value === null) {
    return typeof value === "string" ? shownLines(key, value).join("\n") : value;
  }
  return Object.fromEntries(
    Object.entries(value).map(([inner, item]) => [inner, withoutSecrets(item, inner)]),
  );
}

const assignment = /^(\s*(?:export\s+|- )?["']?([\w.-]+)["']?\s*[:=]\s*)(\S.*)$/;

/** A line of a file or a script, without what it gives a secret's name. */
function shownLine(line: string): string {
  const [, head, key] = assignment.exec(line) ?? [];
  return head !== undefined && key !== undefined && isHidden(key, line) ? `${head}${hidden}` : line;
}
