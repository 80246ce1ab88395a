import { withoutAnswers } from "./answers";
import { argumentIn, withoutCommands, endOfInput } from "./commands";
import { type Held, SecretPlaces, secretLines } from "./entries";
import { type Extent, valueAt } from "./extents";
import { type Count, hide, removedSecret } from "./forms";
import { namesSecret } from "./names";

/** A name in front of a value, with characters in it that show nothing; bounded, so that a long text costs no time. */
const name = "[\\p{L}_][\\p{L}\\p{M}\\p{N}\\p{Cf}_./-]{0,159}";
/** A name, the quote that ends it (escaped any number of times), and what gives it a value. */
const keyed = new RegExp(
  `(?:(?<![\\p{L}\\p{N}_])|(?<=\\u001b\\[[\\d;]{0,20}m))(${name})(?:\\[[\\w.-]{0,40}\\])?((?:\\\\*["'\`]\\]?)?(?:\\u001b\\[[\\d;]*m)*[ \\t\\u00a0]*(?:[-=]>|:=|%3D|[:=：＝≔](?![:=]))[ \\t\\u00a0\\u3000]*)`,
  "gu",
);
// cspell:disable, for words of many languages
/** The last word of a name that is written in several: `API key: …`, `mot de passe : …`. */
const lastOfSeveral =
  /^(?:keys?|phrase|code|word|passe|schl(?:ü|ue)ssel|clave|chiave|sleutel|nyckel|klucz|anahtarı?|privée|secrète|paso|acceso|acesso|prywatny|доступа|ключ|sandi|laluan|khẩu|عبور|المرور|السر)$/i;
// cspell:enable
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
    if (isClosed && /[:=| ]|[",']-|--|\\[nrt]/.test(text.slice(from, at))) yield [from, at + 1];
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
  const given = withoutAnswers(text, count).split("\n");
  const named = secretLines(given);
  const open: Block[] = [];
  const argument = argumentIn();
  const lines = given.map((line, at) => {
    if (line.trim() === "") return line;
    // A document of YAML ends all that is open.
    if (line.startsWith("---")) open.length = 0;
    const option = argument(line);
    const hidden = inBlocks(open, line, count);
    if (hidden !== undefined) return hidden;
    const row = tableRow(line, count);
    if (row !== undefined) return row;
    const holder = isComment.test(line) ? undefined : open.at(-1);
    const kind = named.get(at);
    const held: Held = {
      ...(kind === undefined ? {} : { leading: kind }),
      ...(holder === undefined ? {} : { below: { isWhole: holder.isWhole === true } }),
      hasReference: () => refersAt(given, at),
    };
    if (option?.end !== undefined) return line.slice(0, option.end) + hideOne(line.slice(option.end), count);
    const { text: shown, opens = argumentOf(line, option !== undefined) } = withoutAssignments(
      line,
      held,
      count,
    );
    if (opens !== undefined && holds(given, at, opens)) open.push(opens);
    return withoutCommands(shown, count);
  });
  return lines.join("\n");
}

/**
 * What the lines below a key belong to: a text of several lines, a list or a map, the rest of a text without quotes or of one in
 * quotes, the value of a key on a line of its own (`? password`), or the input of a command (`chpasswd <<EOF`).
 */
interface Block {
  readonly kind: "text" | "below" | "argument" | "continued" | "quoted" | "explicit" | "input";
  readonly indentation: number;
  readonly quote?: string;
  /** The word that ends the input of a command. */
  readonly end?: string;
  /** Whether also fields are secret that otherwise only refer to one. */
  readonly isWhole?: boolean;
}

/** The line without what belongs to the innermost block; closes the blocks that it ends. */
function inBlocks(open: Block[], line: string, count: Count): string | undefined {
  for (let block = open.at(-1); block !== undefined; block = open.at(-1)) {
    const hidden = inBlock(line, block, count);
    const isLast = block.kind === "argument" || block.kind === "explicit";
    const isKept = hidden === undefined ? isFieldBelow(line, block) : !isLast;
    if (!isKept || (block.kind === "quoted" && line.includes(block.quote ?? '"'))) open.pop();
    if (hidden !== undefined || isKept) return hidden;
  }
  return undefined;
}

const isComment = /^[+\-~!> ]?\s*# /;

/** A field of a map, what opens or closes one, or a comment. */
const fieldOrBrackets =
  /^(?:(?:\\*["'`]?[^\s"'`[{]+|\\*["'`][^"'`]*)\\*["'`]?[ \t]*:(?:\s|$)|\\*["'`][^\s"'`]+\\*["'`][ \t]*:|[[{}\]][[{}\], ]*$|\{|\[(?=[^\]]*\{)|# )/;

/** Whether a line below a secret's key is a field of its map, and not a value. */
function isFieldBelow(line: string, { kind, indentation: outer }: Block): boolean {
  if (kind !== "below") return false;
  const own = indentation(line);
  const [, dash = "", held = ""] = /^((?:- +)*)(.*)$/s.exec(line.slice(own)) ?? [];
  return (own > outer || (own === outer && dash !== "")) && fieldOrBrackets.test(held);
}

/** Whether what a key opens is really below it. */
function holds(lines: readonly string[], at: number, block: Block): boolean {
  if (block.kind === "quoted") return isClosed(lines, at, block);
  if (block.kind === "input")
    return lines.slice(at + 1, at + 1 + longestInput).some((line) => endsInput(line, block));
  return block.kind !== "below" || block.isWhole === true || !isSchema(lines, at);
}

/** A schema of an API describes the fields that hold a secret: `password: { description: …, type: string }`. */
function isSchema(lines: readonly string[], at: number): boolean {
  const below = lines.slice(at + 1, at + 40);
  const column = indentation(below[0] ?? "");
  const own = below.filter((line) => indentation(line) === column).map((line) => line.slice(column));
  return (
    own.some((line) => /^"?type"?: *"?(?:object|string|array|integer|number|boolean)"?,?$/.test(line)) &&
    own.some((line) => /^"?(?:description|properties|items|format|enum|pattern|maxLength)"?:/.test(line))
  );
}

/** Whether `key` on a line is the key of an object that a field next to it names: `{ name: a, key: b }`. */
function refersAt(lines: readonly string[], at: number): boolean {
  const own = column(lines[at] ?? "");
  const near = [-3, -2, -1, 1, 2, 3].map((step) => lines[at + step] ?? "");
  return (
    near.some((line) => column(line) === own && /^["']?(?:name|path)["']?:/.test(line.slice(own))) ||
    /[{,]\s*\\*["']?(?:name|path)\\*["']?\s*:/.test(lines[at] ?? "")
  );
}

/** A document of a shell whose end is not there is none, or was cut. */
const longestInput = 100;

function endsInput(line: string, { end = "" }: Block): boolean {
  return line.trimEnd().endsWith(end) && line.replace(/^[+\-~!>| ]/, "").trim() === end;
}

/** A quote that is never closed is none: an apostrophe, or a text that was cut. */
const longestQuoted = 50;

function isClosed(lines: readonly string[], at: number, { quote = '"' }: Block): boolean {
  return lines.slice(at + 1, at + 1 + longestQuoted).some((line) => line.includes(quote));
}

function inBlock(line: string, block: Block, count: Count): string | undefined {
  const own = indentation(line);
  const [, before = "", value = ""] = /^([+\-~!> ]?\s*)(.*)$/s.exec(line) ?? [];
  switch (block.kind) {
    case "text":
      return own > block.indentation ? before + hide(value, count) : undefined;
    case "below": {
      const [, dash = "", held = ""] = /^((?:- +)*)(.*)$/s.exec(line.slice(own)) ?? [];
      const isBelow = own > block.indentation || (own === block.indentation && dash !== "");
      if (!isBelow || fieldOrBrackets.test(held)) return undefined;
      return line.slice(0, own) + dash + hideOne(held, count);
    }
    case "continued": {
      const isKey = /^(?:- |["']?[\p{L}\p{M}\p{N}_./-]{1,160}["']?[ \t]*[:=|])/u.test(line.slice(own));
      return own > block.indentation && !isKey ? before + hide(value, count) : undefined;
    }
    case "quoted": {
      const quote = block.quote ?? '"';
      const end = line.indexOf(quote);
      if (end < 0) return before + hide(value, count);
      if (line.slice(0, end) !== removedSecret) count();
      return removedSecret + line.slice(end);
    }
    case "input":
      return endsInput(line, block) ? undefined : before + hide(value, count);
    case "explicit": {
      const [, head, held] = /^([+\-~!> ]?\s*:\s+)(.*)$/s.exec(line) ?? [];
      return head === undefined || held === undefined ? undefined : head + hide(held, count);
    }
    case "argument": {
      const [, head, held] = /^([+\-~!> ]?\s*(?:- +)?)([^\s-].*)$/s.exec(line) ?? [];
      return head === undefined || held === undefined ? undefined : head + hideOne(held, count);
    }
  }
}

/** An option whose value is the next entry of a list, and a command whose input is below it. */
function argumentOf(line: string, isArgument: boolean): Block | undefined {
  const end = endOfInput(line);
  if (end !== undefined) return { kind: "input", indentation: indentation(line), end };
  const [, alone = ""] = /^[+\-~!> ]?\s*\?\s+["']?([\p{L}\p{M}\p{N}_./-]{1,160})["']?\s*$/u.exec(line) ?? [];
  if (namesSecret(alone)) return { kind: "explicit", indentation: indentation(line) };
  const [, key = ""] =
    /^[+\-~!> ]?\s*(?:- +)?["']?--?([\p{L}\p{M}\p{N}_.-]{1,160})["']?,?\s*$/u.exec(line) ?? [];
  return isArgument || namesSecret(key) ? { kind: "argument", indentation: indentation(line) } : undefined;
}

function withoutAssignments(
  line: string,
  held: Held,
  count: Count,
): { readonly text: string; readonly opens?: Block } {
  keyed.lastIndex = 0;
  let match = keyed.exec(line);
  // Most lines assign nothing; only where one does is it looked for what its fields say of each other.
  if (match === null) return { text: line };
  const places = new SecretPlaces(line, held);
  let shown = "";
  let at = 0;
  let opens: Block | undefined;
  for (; match !== null; match = keyed.exec(line)) {
    const [whole, key = "", between = ""] = match;
    // A tag or an anchor comes before its value.
    const marks = /^(?:[&!][^\s,\]}{["']{0,1000}[ \t]+)+/.exec(line.slice(match.index + whole.length));
    const end = match.index + whole.length + (marks?.[0].length ?? 0);
    const leads =
      match.index < 400 && /^[+\-~!>|\s]*(?:- )?(?:export )?\\*["'`]?$/.test(line.slice(0, match.index));
    const place = places.at(match.index, key, leads);
    if ((place === undefined && !isSecret(line, match.index, key)) || isPlace(line, match.index)) {
      // What follows may be a name itself: `env: PASSWORD=x`.
      keyed.lastIndex = end;
      continue;
    }
    const isWhole = place?.isWhole === true;
    const rest = line.slice(end);
    if (/^[|>][-+0-9]*\s*(?:#.*)?$/.test(rest)) {
      opens = { kind: "text", indentation: column(line) };
      continue;
    }
    if (rest.trim() === "" || /^(?:[[{]|[&!]\S*)\s*$/.test(rest)) {
      if (!between.includes("=") || rest.trim() !== "")
        opens = { kind: "below", indentation: column(line), isWhole };
      continue;
    }
    if (/^(?:\{(?!\{)|&\{|&?map\[)/.test(rest)) {
      if (!places.enter(match.index, end, isWhole))
        opens = { kind: "below", indentation: column(line), isWhole };
      continue;
    }
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
  if (quote === undefined) return leads ? { kind: "continued", indentation: column(line) } : undefined;
  const held = line.slice(start, end).trimEnd();
  return held.length > 1 && held.endsWith(quote)
    ? undefined
    : { kind: "quoted", indentation: column(line), quote };
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

/** Behind a line break that is written as `\\n` the name begins one letter later. */
function isSecret(line: string, index: number, key: string): boolean {
  if (namesSecret(key)) return true;
  if (lastOfSeveral.test(key)) {
    const before = line.slice(Math.max(0, index - 60), index).match(/[\p{L}\p{M}\p{N}]+(?=[ \t-])/gu) ?? [];
    if ([1, 2].some((words) => namesSecret([...before.slice(-words), key].join("-")))) return true;
  }
  return line.charAt(index - 1) === "\\" && /^[nrt]/.test(key) && namesSecret(key.slice(1));
}

function isPlace(line: string, index: number): boolean {
  return placeOfFinding.test(line.slice(Math.max(0, index - 160), index));
}

/** Headers whose value has several parts. */
const isHeader = /(?:^|[-_])(?:cookie|authorization)$/i;

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

/** Where what a line says begins: behind the sign of a diff and what makes it an item of a list. */
function column(line: string): number {
  return /^[+\-~!> ]?\s*(?:- +)*/.exec(line)?.[0].length ?? 0;
}

/** How far a line is indented behind the sign of a diff. */
function indentation(line: string): number {
  return /^[+\-~!> ]?\s*/.exec(line)?.[0].length ?? 0;
}
