const SHORT: Readonly<Record<string, string>> = {
  "\u0007": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
  "\\": "\\\\",
  '"': '\\"',
};

/** A string as Go's `%q` prints it: the real plugin's error texts quote commands this way. */
export function quoted(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what has to be found
  const escaped = text.replace(/[\u0000-\u001f\u007f"\\]/g, (character) => {
    const code = character.charCodeAt(0).toString(16).padStart(2, "0");
    return SHORT[character] ?? `\\x${code}`;
  });
  return `"${escaped}"`;
}
