/**
 * Words from elsewhere made fit for a log: one line, printable ASCII, without anything that looks like a password.
 * Errors of BMCs and controllers may quote addresses with a login, or headers.
 */
export function plainText(words: string): string {
  return withoutSecrets(words)
    .replace(/\s+/g, " ")
    .replace(/[^\x20-\x7e]/g, "?")
    .trim();
}

/** Words from elsewhere without anything that looks like a password; their lines stay. */
export function withoutSecrets(words: string): string {
  return words
    .replace(/-----BEGIN [^-]+-----[\s\S]*?(-----END [^-]+-----|$)/g, "[secret]")
    .replace(/(:\/\/)[^/\s@"']+@/g, "$1[secret]@")
    .replace(/\b(authorization["']?\s*[:=]\s*["']?(?:basic|bearer)?)\s*[^\s"',}]+/gi, "$1 [secret]")
    .replace(/\b(password|passwd|token)(["']?\s*[:=]\s*)("[^"]*"|'[^']*'|[^\s,;}"']+)/gi, "$1$2[secret]");
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
