/** The position of a value in its line. */
export interface Extent {
  readonly start: number;
  readonly end: number;
}

/**
 * The extent of a value: a quoted text, a list in brackets, all that is left of a line that the key leads, or one word. A header
 * has all that is left, up to the quote before its name.
 */
export function valueAt(line: string, from: number, leads: boolean, beforeHeader?: string): Extent {
  const quote = /^\\*["'`]/.exec(line.slice(from, from + 20))?.[0];
  if (quote !== undefined) return { start: from, end: endOfQuoted(line, from, quote) };
  if (line.charAt(from) === "[") {
    return { start: from, end: endOfBytes(line, endOfList(line, from)) };
  }
  if (beforeHeader !== undefined) {
    const end = /["'`]/.test(beforeHeader) ? line.indexOf(beforeHeader, from) : -1;
    return { start: from, end: end < 0 ? line.length : end };
  }
  if (leads && !/^\S+[ \t]*[-=]>/.test(line.slice(from, from + 400))) {
    // An assignment of a shell ends at a blank, a value of YAML at the end of its line.
    const isShell = line.charAt(from - 1) === "=" && line.charAt(from) !== " ";
    if (!isShell) return { start: from, end: line.length };
  }
  const inMap = /[{,(]\s*\\*["']?[\p{L}_][^{},]*$/u.test(line.slice(Math.max(0, from - 200), from));
  const scheme = /(?:Basic|Bearer|Digest|Token|Negotiate)[ \t]+/iy;
  scheme.lastIndex = from;
  const start = from + (scheme.exec(line)?.[0].length ?? 0);
  const unquoted = inMap ? /[^,{}()]*/y : /[^\s,;}"'&]*/y;
  unquoted.lastIndex = start;
  return { start, end: start + (unquoted.exec(line)?.[0].length ?? 0) };
}

function endOfList(line: string, from: number): number {
  let depth = 0;
  for (let at = from; at < line.length; at++) {
    if (line.charAt(at) === "[") depth++;
    else if (line.charAt(at) === "]" && --depth === 0) return at + 1;
  }
  return line.length;
}

/** Go prints bytes as `[]uint8{0x50, 0x4c}`. */
function endOfBytes(line: string, from: number): number {
  const bytes = /(?:u?int8|byte)\{[^}]*\}?/y;
  bytes.lastIndex = from;
  return from + (bytes.exec(line)?.[0].length ?? 0);
}

/** A quote ends at the next one with as many backslashes; a single one inside is written twice. */
function endOfQuoted(line: string, from: number, quote: string): number {
  const sign = quote.at(-1) ?? '"';
  const escapes = quote.length - 1;
  for (let at = from + quote.length; at < line.length; at++) {
    if (line.charAt(at) !== sign) continue;
    let slashes = 0;
    while (line.charAt(at - 1 - slashes) === "\\") slashes++;
    if (sign === "'" && escapes === 0 && line.charAt(at + 1) === "'") at++;
    else if (slashes <= escapes || sign !== '"') return at + 1;
  }
  return line.length;
}

/** Where the brackets of a map end; brackets in quotes are none, unless a quote is none. Undefined on another line. */
export function endOfMap(line: string, from: number): number | undefined {
  let [depth, depthOutside, isQuoted] = [0, 0, false];
  let [end, endOutside] = [0, 0];
  for (let at = from; at < line.length; at++) {
    const character = line.charAt(at);
    if (character === '"') isQuoted = !isQuoted;
    const step = "{[".includes(character) ? 1 : "}]".includes(character) ? -1 : 0;
    if (step === 0) continue;
    depth += step;
    if (!isQuoted) depthOutside += step;
    if (depth === 0 && end === 0) end = at + 1;
    if (depthOutside === 0 && !isQuoted && endOutside === 0) endOutside = at + 1;
    if (end > 0 && endOutside > 0) return Math.max(end, endOutside);
  }
  return undefined;
}
