import type { Place } from "./finding";
import { withoutSecrets } from "../redaction/text";
import type { Source } from "./report";

/** A mark under one stretch of a line. */
export interface Mark {
  readonly place: Place;
  /** What a person reads right after the mark. */
  readonly label: string;
  /** `^` for the place itself, `-` for a related one. */
  readonly sign: "^" | "-";
}

/** Longest piece of a line that a frame shows. */
const widest = 120;
const secretText = "[secret]";

/** Lines of a file with marks below them, each line once, in order; secrets are not shown, not even their length. */
export function frame(source: Source, marks: readonly Mark[]): readonly string[] {
  const sorted = [...marks].sort((a, b) => a.place.line - b.place.line || a.place.column - b.place.column);
  const width = String(sorted.at(-1)?.place.line ?? 0).length;
  const gutter = " ".repeat(width);
  const out: string[] = [];
  let previous: Place | undefined;
  for (const { place, label, sign } of sorted) {
    const line = shownLine(source, place);
    if (previous?.file !== place.file || previous.line !== place.line) {
      if (previous !== undefined && place.line > previous.line + 1) out.push("...");
      out.push(`${String(place.line).padStart(width)} | ${line.text}`);
    }
    out.push(`${gutter} | ${" ".repeat(line.column)}${sign.repeat(line.length)} ${label}`.trimEnd());
    previous = place;
  }
  return out;
}

interface ShownLine {
  readonly text: string;
  /** Where the mark begins, from 0. */
  readonly column: number;
  readonly length: number;
}

function shownLine(source: Source, place: Place): ShownLine {
  const { text, safe, isWhole, columns } = safeLine(source, place);
  // What has no place of its own in the file, such as a password in a comment; nothing else would be where it was.
  if (!isWhole) return clipped({ text: safe, column: 0, length: safe.length });
  const column = columns[place.column - 1] ?? text.length;
  const end = columns[place.column - 1 + place.length] ?? text.length;
  return clipped({ text: safe, column, length: Math.max(1, end - column) });
}

interface SafeLine {
  /** The line without its hidden stretches. */
  readonly text: string;
  /** The same without what is recognised as a secret by its form. */
  readonly safe: string;
  /** Whether nothing was recognised by its form, so that everything is where it was. */
  readonly isWhole: boolean;
  /** Where each column of the file is in `text`. */
  readonly columns: readonly number[];
}

const safeLines = new WeakMap<Source, Map<string, SafeLine>>();

/** A line of a file without its secrets; made once, or a report would do so for each finding on it. */
function safeLine(source: Source, place: Place): SafeLine {
  const known = safeLines.get(source) ?? new Map<string, SafeLine>();
  safeLines.set(source, known);
  const key = `${place.file}:${place.line}`;
  const line = known.get(key) ?? withoutHidden(source, place);
  known.set(key, line);
  return line;
}

function withoutHidden(source: Source, place: Place): SafeLine {
  const full = (source.lines(place.file)[place.line - 1] ?? "").replaceAll("\t", " ");
  const hidden = hiddenOn(source.hidden, place)
    .map(({ column, length }) => [column - 1, column - 1 + length] as const)
    .sort(([a], [b]) => a - b);
  let text = "";
  let at = 0;
  const columns: number[] = [];
  for (const [start, end] of [...hidden, [full.length, full.length] as const]) {
    const continues = start < at;
    for (; at < Math.min(start, full.length); at++) {
      columns[at] = text.length;
      text += full.charAt(at);
    }
    if (end <= at) continue;
    for (let column = at; column <= end; column++) columns[column] = text.length;
    if (!continues) text += secretText;
    at = end;
  }
  columns[full.length] = text.length;
  // Once for the line, not for each finding on it.
  const safe = withoutSecrets(text).trimEnd();
  return { text, safe: printable(safe), isWhole: safe === text.trimEnd(), columns };
}

const hiddenByLine = new WeakMap<readonly Place[], ReadonlyMap<string, readonly Place[]>>();

/** The hidden stretches of a line; sorted by line once, or a report would look through all of them for each finding. */
function hiddenOn(hidden: readonly Place[], { file, line }: Place): readonly Place[] {
  return (hiddenByLine.get(hidden) ?? byLine(hidden)).get(`${file}:${line}`) ?? [];
}

function byLine(hidden: readonly Place[]): ReadonlyMap<string, readonly Place[]> {
  const lines = new Map<string, Place[]>();
  for (const place of hidden) {
    const at = `${place.file}:${place.line}`;
    const line = lines.get(at);
    if (line === undefined) lines.set(at, [place]);
    else line.push(place);
  }
  hiddenByLine.set(hidden, lines);
  return lines;
}

/** A control character would move the cursor of the terminal that shows it. */
function printable(line: string): string {
  return line.replace(/\p{C}/gu, (character) => "\u{fffd}".repeat(character.length));
}

function clipped({ text, column, length }: ShownLine): ShownLine {
  if (text.length <= widest) return { text, column, length };
  const from = column + 20 > widest ? Math.min(column - 20, text.length - widest) : 0;
  const piece = text.slice(from, from + widest);
  const head = from === 0 ? "" : "...";
  return {
    text: `${head}${piece}${from + widest < text.length ? "..." : ""}`,
    column: column - from + head.length,
    length: Math.max(1, Math.min(length, from + widest - column)),
  };
}
