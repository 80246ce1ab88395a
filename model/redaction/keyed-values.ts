import { withoutCommands } from "./commands";
import { type Count, hide, removedSecret } from "./forms";
import { namesSecret } from "./names";

/** A name in front of a value, with characters in it that show nothing; bounded, so that a long text costs no time. */
const name = "[\\p{L}_][\\p{L}\\p{N}_./\\u00ad\\u200b-\\u200d\\u2060\\ufeff-]{0,159}";
/** A name, the quote that ends it (escaped any number of times), and what gives it a value. */
const keyed = new RegExp(
  `(?:(?<![\\p{L}\\p{N}_])|(?<=\\u001b\\[[\\d;]{0,20}m))(${name})(?:\\[\\d*\\])?(\\\\*["'\`]?(?:\\u001b\\[[\\d;]*m)*[ \\t\\u00a0]*(?:=>|:=|[:=：＝](?![:=]))[ \\t\\u00a0\\u3000]*)`,
  "gu",
);
/** The last word of a name that is written in several: `API key: …`, `mot de passe : …`. */
const lastOfSeveral = /^(?:keys?|phrase|code|word|passe|schlüssel|clave|chiave)$/i;
/** `warning bgp/password-shared bgp.nodes[0].password: …`: a finding's place in front of its problem. */
const placeOfFinding = /(?:error|warning)(?: +|\[)[\w-]+\/[\w-]+\]?:? +(?:\S*[.\]])?$/;

/**
 * Takes the values of keys that name a secret out of YAML, JSON (escaped too), diffs, tables, environment variables, router
 * configurations and command lines.
 */
export function withoutKeyedValues(text: string, count: Count): string {
  return withoutValues(text, count, 0);
}

/** A text may quote a text of several lines, and that one another. */
const deepestQuotes = 3;
/** What a text quotes is redacted for itself first: a value of a message may be a whole file. */
function withoutValues(text: string, count: Count, depth: number): string {
  if (depth === deepestQuotes || !text.includes('"')) return withoutLineValues(text, count);
  let inner = "";
  let at = 0;
  for (const [start, end] of quotedRanges(text)) {
    const held = unquoted(text.slice(start, end));
    const shown = held === undefined ? held : withoutValues(held, count, depth + 1);
    if (shown === held) continue;
    inner += text.slice(at, start) + JSON.stringify(shown);
    at = end;
  }
  return withoutLineValues(inner + text.slice(at), count);
}

/** Where texts in quotes stand in which a key could stand, each on one line. */
function* quotedRanges(text: string): Iterable<readonly [start: number, end: number]> {
  let from = text.indexOf('"');
  while (from >= 0) {
    let at = from + 1;
    while (at < text.length && !'"\n'.includes(text.charAt(at))) at += text.charAt(at) === "\\" ? 2 : 1;
    const isClosed = text.charAt(at) === '"';
    if (isClosed && /[:=|]| -|--|\\[nrt]/.test(text.slice(from, at))) yield [from, at + 1];
    from = text.indexOf('"', at + 1);
  }
}

function unquoted(quoted: string): string | undefined {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return undefined; // quotes of another language
  }
}

function withoutLineValues(text: string, count: Count): string {
  let block: Block | undefined;
  const given = text.split("\n");
  const lines = given.map((line, at) => {
    if (block !== undefined) {
      const hidden = inBlock(line, block, count);
      const isOver = ["entry", "argument", "explicit"].includes(block.kind) || hidden === undefined;
      if (isOver || (block.kind === "quoted" && line.includes(block.quote ?? '"'))) block = undefined;
      if (hidden !== undefined) return hidden;
    }
    const row = tableRow(line, count);
    if (row !== undefined) return row;
    const { text: shown, opens } = withoutAssignments(line, count);
    block = opens?.kind === "quoted" && !isClosed(given, at, opens) ? undefined : (opens ?? argumentOf(line));
    return withoutCommands(shown, count);
  });
  return lines.join("\n");
}

/**
 * What the lines below a key belong to: a text of several lines, a list, or the value of an entry `{ name, value }`; the rest of
 * a text without quotes or of one in quotes, or the value of a key on a line of its own (`? password`).
 */
interface Block {
  readonly kind: "text" | "list" | "entry" | "argument" | "continued" | "quoted" | "explicit";
  readonly indentation: number;
  readonly quote?: string;
}

/** A quote that is never closed is none: an apostrophe, or a text that was cut. */
const longestQuoted = 50;

function isClosed(lines: readonly string[], at: number, { quote = '"' }: Block): boolean {
  return lines.slice(at + 1, at + 1 + longestQuoted).some((line) => line.includes(quote));
}

function inBlock(line: string, block: Block, count: Count): string | undefined {
  const own = indentation(line);
  const [, before = "", value = ""] = /^([+\-~!> ]?\s*)(.*)$/s.exec(line) ?? [];
  if (value.trim() === "") return block.kind === "entry" ? undefined : line;
  switch (block.kind) {
    case "text":
      return own > block.indentation ? before + hide(value, count) : undefined;
    case "list": {
      const [item, dash = "", held = ""] = /^((?:- +)+|)(.*)$/s.exec(line.slice(own)) ?? [];
      const isItem =
        item !== undefined && (own > block.indentation || (own === block.indentation && dash !== ""));
      if (!isItem || /^(?:[[{]|[^\s"'[{]\S*:(?:\s|$)|[\]}],?$)/.test(held)) return undefined;
      return line.slice(0, own) + dash + hideOne(held, count);
    }
    case "continued": {
      const isKey = /^(?:- |["']?[\p{L}\p{N}_./-]{1,160}["']?[ \t]*[:=|])/u.test(line.slice(own));
      return own > block.indentation && !isKey ? before + hide(value, count) : undefined;
    }
    case "quoted": {
      const quote = block.quote ?? '"';
      const end = line.indexOf(quote);
      if (end < 0) return before + hide(value, count);
      count();
      return removedSecret + line.slice(end);
    }
    case "explicit": {
      const [, head, held] = /^([+\-~!> ]?\s*:\s+)(.*)$/s.exec(line) ?? [];
      return head === undefined || held === undefined ? undefined : head + hide(held, count);
    }
    case "argument": {
      const [, head, held] = /^([+\-~!> ]?\s*(?:- +)?)([^\s-].*)$/s.exec(line) ?? [];
      return head === undefined || held === undefined ? undefined : head + hideOne(held, count);
    }
    case "entry": {
      const [, head, held] = /^([+\-~!> ]?\s*\\*["']?value\\*["']?\s*[:=]\s*)(.*)$/is.exec(line) ?? [];
      return head === undefined || held === undefined ? undefined : head + hide(held, count);
    }
  }
}

/** An option whose value is the next entry of a list. */
function argumentOf(line: string): Block | undefined {
  const [, alone = ""] = /^[+\-~!> ]?\s*\?\s+["']?([\p{L}\p{N}_./-]{1,160})["']?\s*$/u.exec(line) ?? [];
  if (namesSecret(alone)) return { kind: "explicit", indentation: indentation(line) };
  const [, key = ""] = /^[+\-~!> ]?\s*(?:- +)?["']?--?([\p{L}\p{N}_.-]{1,160})["']?,?\s*$/u.exec(line) ?? [];
  return namesSecret(key) ? { kind: "argument", indentation: indentation(line) } : undefined;
}

function withoutAssignments(line: string, count: Count): { readonly text: string; readonly opens?: Block } {
  let shown = "";
  let at = 0;
  let opens: Block | undefined;
  keyed.lastIndex = 0;
  for (;;) {
    const match = keyed.exec(line);
    if (match === null) break;
    const [whole, key = "", between = ""] = match;
    // A tag or an anchor comes before its value.
    const marks = /^(?:[&!][^\s,\]}{["']*[ \t]+)+/.exec(line.slice(match.index + whole.length));
    const end = match.index + whole.length + (marks?.[0].length ?? 0);
    const entry = entryName(key, line, end);
    if (entry !== undefined) {
      const inline = /^(\\*["']?\s*,\s*\\*["']?value\\*["']?\s*[:=]\s*)/i.exec(line.slice(entry, entry + 80));
      if (inline === null) opens = { kind: "entry", indentation: indentation(line) };
      else {
        const value = valueAt(line, entry + inline[0].length, false);
        shown += line.slice(at, value.start) + hide(line.slice(value.start, value.end), count);
        at = keyed.lastIndex = value.end;
      }
      continue;
    }
    if (!isSecret(line, match.index, key) || isPlace(line, match.index)) {
      // What follows may be a name itself: `env: PASSWORD=x`.
      keyed.lastIndex = end;
      continue;
    }
    const leads =
      match.index < 400 && /^[+\-~!>|\s]*(?:- )?(?:export )?\\*["'`]?$/.test(line.slice(0, match.index));
    const rest = line.slice(end);
    if (/^[|>][-+0-9]*\s*(?:#.*)?$/.test(rest)) {
      opens = { kind: "text", indentation: indentation(line) };
      continue;
    }
    if (rest.trim() === "" || /^(?:[[{]|[&!]\S*)\s*$/.test(rest)) {
      if (!between.includes("=")) opens = { kind: "list", indentation: indentation(line) };
      continue;
    }
    // A map holds keys of its own.
    if (/^\{(?!\{)/.test(rest)) continue;
    const value = valueAt(line, end, leads, isHeader.test(key) ? line.charAt(match.index - 1) : undefined);
    opens = continuation(line, value, leads && !between.includes("=")) ?? opens;
    shown += line.slice(at, value.start) + hide(line.slice(value.start, value.end), count);
    at = value.end;
    at = keyed.lastIndex = secondValue(
      line,
      at,
      (text, until) => {
        shown += text;
        at = until;
      },
      count,
    );
  }
  return { text: shown + line.slice(at), ...(opens === undefined ? {} : { opens }) };
}

/** What goes on in the next line: a text whose quote stays open, or one without quotes that ends with its line. */
function continuation(line: string, { start, end }: Extent, leads: boolean): Block | undefined {
  if (end < line.trimEnd().length) return undefined;
  const quote = /^["']/.exec(line.charAt(start))?.[0];
  if (quote === undefined) return leads ? { kind: "continued", indentation: indentation(line) } : undefined;
  const held = line.slice(start, end).trimEnd();
  return held.length > 1 && held.endsWith(quote)
    ? undefined
    : { kind: "quoted", indentation: indentation(line), quote };
}

/** Old and new value stand behind a key in a diff: `"a" => "b"`. */
function secondValue(
  line: string,
  at: number,
  put: (text: string, until: number) => void,
  count: Count,
): number {
  const arrow = /[ \t]*[-=]>[ \t]*/y;
  arrow.lastIndex = at;
  const found = arrow.exec(line);
  if (found === null) return at;
  const value = valueAt(line, at + found[0].length, false);
  put(found[0] + hide(line.slice(value.start, value.end), count), value.end);
  return value.end;
}

/** Where the value of an entry's name ends, if the entry is `{ name: SECRET, value: … }` and names a secret. */
function entryName(key: string, line: string, end: number): number | undefined {
  if (key !== "name") return undefined;
  const named = /^\\*["']?([\p{L}\p{N}_.-]{1,160})/u.exec(line.slice(end, end + 170));
  return named !== null && namesSecret(named[1] ?? "") ? end + named[0].length : undefined;
}

/** Behind a line break that is written as `\\n` the name begins one letter later. */
function isSecret(line: string, index: number, key: string): boolean {
  if (namesSecret(key)) return true;
  if (lastOfSeveral.test(key)) {
    const before = line.slice(Math.max(0, index - 60), index).match(/[\p{L}\p{N}]+(?=[ \t-])/gu) ?? [];
    if ([1, 2].some((words) => namesSecret([...before.slice(-words), key].join("-")))) return true;
  }
  return line.charAt(index - 1) === "\\" && /^[nrt]/.test(key) && namesSecret(key.slice(1));
}

function isPlace(line: string, index: number): boolean {
  return placeOfFinding.test(line.slice(Math.max(0, index - 160), index));
}

/** Headers whose value has several parts. */
const isHeader = /(?:^|[-_])(?:cookie|authorization)$/i;

/** The position of a value in its line. */
interface Extent {
  readonly start: number;
  readonly end: number;
}

/**
 * The extent of a value: a quoted text, a list in brackets, all that is left of a line that the key leads, or one word. A header
 * has all that is left, up to the quote before its name.
 */
function valueAt(line: string, from: number, leads: boolean, beforeHeader?: string): Extent {
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

/** Old and new value follow the key of a table; after them comes the risk of the change. */
function tableRow(line: string, count: Count): string | undefined {
  const [, before = "", key = "", between = "", rest = ""] =
    /^([^|]{0,300}\|\s*`?)([\p{L}_][^\s|`]{0,159})(`?\s*\|)(.*)$/u.exec(line) ?? [];
  if (key === "" || !namesSecret(key.replace(/\[\d*\]/g, ""))) return undefined;
  const cells = rest
    .split("|")
    .map((cell, i) => (i < 2 && cell.trim() !== "" ? ` ${hide(cell.trim(), count)} ` : cell));
  return before + key + between + cells.join("|");
}

function hideOne(value: string, count: Count): string {
  const trimmed = value.trimEnd();
  const held = trimmed.endsWith(",") ? trimmed.slice(0, -1) : trimmed;
  return hide(held, count) + value.slice(held.length);
}

/** How far a line is indented behind the sign of a diff. */
function indentation(line: string): number {
  return /^[+\-~!> ]?\s*/.exec(line)?.[0].length ?? 0;
}
