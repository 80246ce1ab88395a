import { visible } from "./shown";
import { withoutSecrets } from "./text";

/**
 * Words from elsewhere made fit for a log: one line, printable ASCII, without anything that looks like a password.
 * Errors of BMCs and controllers may quote addresses with a login, or headers.
 */
export function plainText(words: string): string {
  return visible(withoutSecrets(words).replace(/\s+/g, " "))
    .replace(/[^\x20-\x7e]/g, "?")
    .trim();
}

/** At most `width` characters, the end marked when something was left out. */
export function clipped(words: string, width: number): string {
  return words.length <= width ? words : `${words.slice(0, Math.max(0, width - 3))}...`;
}

/** Words broken into lines of at most `width` characters, at blanks where there are any. */
export function wrapped(words: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of words.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = "";
    }
    line = line === "" ? word : `${line} ${word}`;
    while (line.length > width) {
      lines.push(line.slice(0, width));
      line = line.slice(width);
    }
  }
  return line === "" && lines.length > 0 ? lines : [...lines, line];
}
