import { removedSecret } from "./forms";
import { namesSecret } from "./names";

/** A name in front of a value; bounded, so that a long text without any costs no time. */
const name = "[\\p{L}_][\\p{L}\\p{N}_./-]{0,159}";
/** A name, the quote that ends it (escaped any number of times), and what gives it a value. */
const keyed = new RegExp(
  `(?:(?<![\\p{L}\\p{N}_])|(?<=\\u001b\\[[\\d;]{0,20}m))(${name})(?:\\[\\d*\\])?(\\\\*["'\`]?(?:\\u001b\\[[\\d;]*m)*[ \\t]*(?:=>|:=|[:=](?![:=]))[ \\t]*)`,
  "gu",
);
/** `--secret-key value`; without an equals sign the value is the next word. */
const option = new RegExp(`(?<![\\p{L}\\p{N}_-])--?(${name})(?:["']?,[ \\t]*|["']?[ \\t]+)(?=[^\\s-])`, "gu");
/** `-u user:password` of curl and others, `-p` of a login, `-P` of ipmitool, and routers' own ways. */
const commands: readonly RegExp[] = [
  /((?:^|\s)(?:-u|-U|--user|--creds|--credentials|--proxy-user|--src-creds|--dest-creds)(?:[ \t]*|=)["']?)([^\s"':-][^\s"':]*:[^\s"']+)/gm,
  /(\bsshpass[ \t]+-p[ \t]*["']?)([^\s"']+)/g,
  /(\bipmitool\b[^\n]{0,300}?[ \t]-P[ \t]*["']?)([^\s"']+)/g,
  /(\blogin\b[^\n]{0,300}?[ \t]-p[ \t]+["']?)([^\s"']+)/g,
  /(\bneighbor[ \t]+\S+[ \t]+password[ \t]+(?:\d[ \t]+)?)(\S[^\n]*)/g,
  /(\bmessage-digest-key[ \t]+\d+[ \t]+md5[ \t]+(?:\d[ \t]+)?)(\S+)/g,
  /(\b(?:key-string|enable password|snmp-server community|rndc-key)[ \t]+(?:\d[ \t]+)?)(\S+)/g,
];

/** What stands for a secret already, and what is none. */
const stand =
  /^(?:\[(?:secret|unknown|encrypted|masked|hidden)\]|<[^<>]*>|\*+|\d{1,3}(?: .*)?|true|false|null|~|undefined|\$\{[^}]*\}|\{\{[^}]*\}\})$/i;

/** `warning bgp/password-shared bgp.nodes[0].password: …`: a finding's place in front of its problem. */
const placeOfFinding = /(?:error|warning)(?: +|\[)[\w-]+\/[\w-]+\]?:? +(?:\S*[.\]])?$/;

type Count = () => void;

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
    if (isClosed && /[:=|]|--/.test(text.slice(from, at))) yield [from, at + 1];
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
  const lines = text.split("\n").map((line) => {
    if (block !== undefined) {
      const hidden = inBlock(line, block, count);
      if (block.kind === "entry" || block.kind === "argument" || hidden === undefined) block = undefined;
      if (hidden !== undefined) return hidden;
    }
    const row = tableRow(line, count);
    if (row !== undefined) return row;
    const { text: shown, opens } = withoutAssignments(line, count);
    block = opens ?? argumentOf(line);
    return withoutCommands(shown, count);
  });
  return lines.join("\n");
}

/** What the lines below a key belong to: a text of several lines, a list, or the value of an entry `{ name, value }`. */
interface Block {
  readonly kind: "text" | "list" | "entry" | "argument";
  readonly indentation: number;
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
    const end = match.index + whole.length;
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
    if (/^[|>][-+0-9]*\s*$/.test(rest)) {
      opens = { kind: "text", indentation: indentation(line) };
      continue;
    }
    if (rest.trim() === "" || /^[[{]\s*$/.test(rest)) {
      if (!between.includes("=")) opens = { kind: "list", indentation: indentation(line) };
      continue;
    }
    // A map holds keys of its own, an anchor too.
    if (/^(?:\{(?!\{)|&\w+)/.test(rest)) continue;
    const value = valueAt(line, end, leads);
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
  return line.charAt(index - 1) === "\\" && /^[nrt]/.test(key) && namesSecret(key.slice(1));
}

function isPlace(line: string, index: number): boolean {
  return placeOfFinding.test(line.slice(Math.max(0, index - 160), index));
}

/** The extent of a value: a quoted text, a list in brackets, all that is left of a line that the key leads, or one word. */
function valueAt(
  line: string,
  from: number,
  leads: boolean,
): { readonly start: number; readonly end: number } {
  const quote = /^\\*["'`]/.exec(line.slice(from, from + 20))?.[0];
  if (quote !== undefined) return { start: from, end: endOfQuoted(line, from, quote) };
  if (line.charAt(from) === "[") {
    return { start: from, end: endOfList(line, from) };
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

/** A quote ends where it stands again with as many backslashes; a single one inside is written twice. */
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

function withoutCommands(line: string, count: Count): string {
  let shown = "";
  let at = 0;
  option.lastIndex = 0;
  for (let match = option.exec(line); match !== null; match = option.exec(line)) {
    const [whole, key = ""] = match;
    if (!namesSecret(key) || key === "show-secrets") continue;
    const start = match.index + whole.length;
    const value = optionValue(line, start);
    shown += line.slice(at, start) + hide(line.slice(start, value), count);
    at = option.lastIndex = Math.max(value, start);
  }
  return commands.reduce(
    (rest, pattern) =>
      rest.replace(pattern, (_match, head: string, held: string) => head + hide(held, count)),
    shown + line.slice(at),
  );
}

function optionValue(line: string, start: number): number {
  if (line.startsWith(removedSecret, start)) return start + removedSecret.length;
  const quote = /^["']/.exec(line.charAt(start))?.[0];
  const end =
    quote === undefined ? line.slice(start).search(/[\s"',\]]/) : line.indexOf(quote, start + 1) - start + 1;
  return end <= 0 ? line.length : start + end;
}

/** Old and new value stand behind the key of a table; what follows says how bad the change is. */
function tableRow(line: string, count: Count): string | undefined {
  const [, before = "", key = "", between = "", rest = ""] =
    /^(\s*\|\s*`?)([\p{L}_][^\s|`]{0,159})(`?\s*\|)(.*)$/u.exec(line) ?? [];
  if (key === "" || !namesSecret(key.replace(/\[\d*\]/g, ""))) return undefined;
  const cells = rest
    .split("|")
    .map((cell, i) => (i < 2 && cell.trim() !== "" ? ` ${hide(cell.trim(), count)} ` : cell));
  return before + key + between + cells.join("|");
}

function hideOne(value: string, count: Count): string {
  const [, held = "", end = ""] = /^(.*?)(,?\s*)$/s.exec(value) ?? [];
  return hide(held, count) + end;
}

/** The sign of a removed secret instead of a value; what is none, or hidden already, stays. */
function hide(value: string, count: Count): string {
  const end = /[\s,;)}\]|]*$/.exec(value)?.[0] ?? "";
  const trimmed = value.trim();
  if (trimmed === "" || isShown(trimmed)) return value;
  count();
  const quote = /^(\\*["'`])(?:.*)\1$/s.exec(trimmed)?.[1] ?? "";
  return quote + removedSecret + quote + (/,?\s*$/.exec(end)?.[0] ?? "");
}

function isShown(value: string): boolean {
  const bare = value.replace(/[\s,;)}|]+$/, "").replace(/^\\*["'`]|\\*["'`]$/g, "");
  if (bare === "" || stand.test(bare)) return true;
  const both = bare.split(/\s*[-=]>\s*|\s+(?=\[)/);
  return both.length > 1 && both.every((one) => isShown(one));
}

/** How far a line is indented behind the sign of a diff. */
function indentation(line: string): number {
  return /^[+\-~!> ]?\s*/.exec(line)?.[0].length ?? 0;
}
