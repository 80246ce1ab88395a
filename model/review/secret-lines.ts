/** A key that holds a secret by its name; bounded, so that a long text without any costs no time. */
const word =
  "pass(?:word|wd|phrase)|pwd|secret|token|credential|private[-_]?key|api[-_]?key|access[-_]?key|client-key-data|" +
  "client-certificate-data|certificate-authority-data|encryptionsalt|encryptedkey|secure|tls\\.key";
const key = `[\\w./-]{0,80}(?:${word})[\\w.-]{0,80}`;

/** Keys of that sound whose value is a name, a number of seconds or the like. */
const innocent =
  /(?:names?|namespaces?|refs?|types?|paths?|files?|dirs?|seconds|sync|policy|enabled|mode|count|lookup|(?:^|\.)existingSecret)$|^secrets\//i;

/** What stands for a secret already, and what is none; twice where a diff shows old and new. */
const stand =
  "[\"'`]?(?:\\[(?:secret|unknown|encrypted|masked)\\]|<[^<>]*>|\\*+(?!\\*)|true|false|null|~|undefined)[\"'`]?";
const shown = new RegExp(`^${stand}(?:(?:\\s+|\\s*[-=]>\\s*)${stand})?[\\s,;)}\\]|]*$`);

const leading = new RegExp(
  `^([+\\-~!>|\\s]{0,200}(?:- )?\\\\*["'\`]?)(${key})(\\\\*["'\`]?\\s*[:=]\\s*)(.*)$`,
  "i",
);
const inMap = new RegExp(
  `([{,(]\\s*\\\\*["']?)(${key})(\\\\*["']?\\s*[:=]\\s*)(\\\\*"[^"]*"|'[^']*'|[^\\s,{}()\\[\\]][^,{}()]*)`,
  "gi",
);
const quoted = new RegExp(`(?<![\\w./-])(${key})(\\\\*["']?\\s*[:=]\\s*)(\\\\*"[^"]*"|'[^']*')`, "gi");
const assigned = new RegExp(`(?<![\\w./-])(${key})(=)([^\\s"'&,;]+)`, "gi");
const option = new RegExp(`(--${key})(\\s+)(?!-)([^\\s"'\`]+)`, "gi");
const tableRow = new RegExp(`^(\\s*\\|\\s*\`?)(${key})(\`?\\s*\\|)(.*)$`, "i");
const frrPassword = /^(.*\bneighbor\s+\S+\s+password\s+)(\S.*)$/;
const header = /\b(Authorization:\s*(?:Bearer|Basic)|Bearer)(\s+)([A-Za-z0-9._~+/=-]{20,})/g;

/** Nearly all lines hold none of these words, and are done with. */
const suspicious = new RegExp(`${word}|bearer|authorization`, "i");

/** Takes the values of keys that sound like a secret's out of YAML, JSON, diffs, tables, FRR and command lines. */
export function withoutSecretLines(text: string, count: () => void): string {
  const hide = (value: string): string => {
    if (value.trim() === "" || shown.test(value.trim())) return value;
    count();
    return `[secret]${/\s*$/.exec(value)?.[0] ?? ""}`;
  };
  let block: number | undefined;
  const lines = text.split("\n").map((line) => {
    if (block !== undefined && (line.trim() === "" || indentation(line) > block)) {
      const [, before = "", value = ""] = /^([+\-~!> ]*\s*)(.*)$/.exec(line) ?? [];
      return before + hide(value);
    }
    block = undefined;
    if (!suspicious.test(line)) return line;
    const [, before = "", name = "", between = "", value = ""] = leading.exec(line) ?? [];
    if (name === "" || innocent.test(name)) return withoutInline(line, hide);
    if (/^[|>][-+0-9]*\s*$/.test(value)) {
      block = indentation(line);
      return line;
    }
    // A map or a list that begins here holds keys of its own.
    if (/^(?:\{|\[(?!secret\])|&\w+)/.test(value) && !shown.test(value)) return withoutInline(line, hide);
    return before + name + between + hide(value);
  });
  return lines.join("\n");
}

function withoutInline(line: string, hide: (value: string) => string): string {
  const replaced = (pattern: RegExp, from: string) =>
    from.replace(pattern, (match: string, ...groups: string[]) => {
      const parts = groups.slice(
        0,
        groups.findIndex((group) => typeof group !== "string"),
      );
      const [value = "", between = "", name = "", before = ""] = parts.reverse();
      return innocent.test(name.replace(/^--/, "")) || /^--show-secrets$/.test(name)
        ? match
        : before + name + between + hide(value);
    });
  const row = tableRow.exec(line);
  if (row !== null && !innocent.test(row[2] ?? "")) return hiddenRow(row, hide);
  const frr = frrPassword.exec(line);
  if (frr !== null) return `${frr[1] ?? ""}${hide(frr[2] ?? "")}`;
  return [inMap, quoted, assigned, option, header].reduce((rest, pattern) => replaced(pattern, rest), line);
}

/** Old and new value stand behind the key; what follows says how bad the change is. */
function hiddenRow(
  [, before = "", name = "", between = "", rest = ""]: string[],
  hide: (value: string) => string,
) {
  const cells = rest
    .split("|")
    .map((cell, i) => (i < 2 && cell.trim() !== "" ? ` ${hide(cell.trim())} ` : cell));
  return before + name + between + cells.join("|");
}

/** How far a line is indented behind the sign of a diff. */
function indentation(line: string): number {
  return /^[+\-~!> ]?\s*/.exec(line)?.[0].length ?? 0;
}
