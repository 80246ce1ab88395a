import type { Words } from "./formatted-text";

/** Longest value that is shown in a sentence or a table. */
const longest = 120;

/** Control characters, and those that turn the direction of text around, would show something else than what is there. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/gu, (character) =>
    character === "\t" ? "  " : "\u{fffd}",
  );
}

/** A text that shows up as it is: no markup, no HTML, no mention of a person, no link to an issue. */
export function escaped(text: string): string {
  return (
    printable(text.replace(/\s*\n\s*/g, " "))
      // A mention or a reference needs the name right behind its sign, and an address its scheme right before. Entities come last:
      // they have such signs themselves.
      .replace(/[@#](?=[\w-])/g, (sign) => `${sign}\u{2060}`)
      .replace(/:\/\//g, ":\u{2060}//")
      .replace(/\bwww\./gi, (text) => `${text.slice(0, 3)}\u{2060}.`)
      .replace(/\bGH-(?=\d)/gi, (text) => `${text}\u{2060}`)
      .replace(/[\\`*_{}[\]<>|~&!$^]/g, (character) => `&#${character.codePointAt(0) ?? 32};`)
  );
}

/** A value as code, on one line. */
export function code(value: string): string {
  if (value.trim() === "") return value === "" ? "*empty*" : "*blank*";
  const line = shortened(printable(value.replace(/\r?\n/g, " ⏎ ")));
  const ticks = "`".repeat(1 + Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length)));
  return ticks.length === 1 ? `\`${line}\`` : `${ticks} ${line} ${ticks}`;
}

function shortened(value: string): string {
  const letters = [...value];
  if (letters.length <= longest) return value;
  return `${letters.slice(0, longest - 20).join("")}… (${letters.length} characters)`;
}

/** A sentence: our text as it is, the values as code. */
export function sentence(words: Words): string {
  return words.text(code);
}

/** A fenced block that nothing inside can end. */
export function fenced(lines: readonly string[], language = "diff"): string {
  const shown = lines.map(printable);
  const ticks = Math.max(2, ...shown.flatMap((line) => [...line.matchAll(/`+/g)].map(([run]) => run.length)));
  const fence = "`".repeat(ticks + 1);
  return [`${fence}${language}`, ...shown, fence].join("\n");
}

/** A table; cells are markdown already. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  // A pipe would end the cell, even within code; outside of code it is escaped already.
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [head, head.map(() => "---"), ...rows].map(line).join("\n");
}

/** Something that opens at a click. The summary is plain text. */
export function fold(summary: string, body: string): string {
  return `<details><summary>${escaped(summary)}</summary>\n\n${body}\n\n</details>`;
}
