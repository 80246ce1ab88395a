import { endOfMap } from "./extents";
import { holdsEntry, namesEntry, namesFile, namesReference, namesSecret, namesSecretFile } from "./names";

/** A stretch of a text in which some fields hold a secret because of what a field next to them says. */
interface SecretFields {
  /** Offsets in the line. */
  readonly start: number;
  readonly end: number;
  holds(field: string): boolean;
  /** Whether everything below such a field is secret, whatever its own fields are called. */
  readonly whole: boolean;
}

type Kind = Pick<SecretFields, "holds" | "whole">;

/** `{ name: DB_PASSWORD, value: … }` and `{ path: /etc/token, content: … }`, in any order and however both fields are spelt. */
const namedEntry: Kind = { holds: holdsEntry, whole: false };
/** A Secret's data may have any name. */
const secretObject: Kind = {
  holds: (field) => /^(?:string|binary)?data$/i.test(field),
  whole: true,
};

const fieldName = "[\\p{L}_@$][\\p{L}\\p{M}\\p{N}\\p{Cf}_./@$-]{0,159}";
/** The sign of a diff or of a preview, what an item of a list begins with, and a field. */
const sign = "(?:[+~!>|]|-(?! \\S))?[ \\t]*(?:[+~] )?";
const fieldLine = new RegExp(
  `^(${sign})((?:- +)*)(?:\\\\*["'\`])?(${fieldName})(?:\\\\*["'\`])?[ \\t]*[:=](?![:=])[ \\t]*(.*)$`,
  "u",
);
const lineStart = new RegExp(`^${sign}(?:- +)*`, "u");
/** What a field holds if it is one name, a name of two words, or a path. */
const onlyName =
  /^\\*["'`]?([\p{L}_/~.][\p{L}\p{M}\p{N}\p{Cf}_./-]{0,159}(?: [\p{L}\p{M}\p{N}]{1,40})?)\\*["'`]?[ \t]*(?:,[ \t]*)?(?:#.*)?$/u;
/** A field with a name, anywhere in a line. */
const fieldInLine = new RegExp(
  `(?<![\\p{L}\\p{N}_])(${fieldName})\\\\*["'\`]?[ \\t]*[:=](?![:=])[ \\t]*\\\\*["'\`]?([\\p{L}_/~.][\\p{L}\\p{M}\\p{N}\\p{Cf}_./-]{0,159})`,
  "gu",
);
/** What a line has that says what another field holds; most lines have nothing. */
const mayName =
  /(?:kind|name|path|file|dest|destination|key|id|var|variable|env|field|attribute|option|property|parameter|setting|header|label|nom|nombre|nome|schl[uü]ssel)\\*["'`]?[ \t]*[:=]/iu;

function kindOf(field: string, value: string): Kind | undefined {
  if (/^kind$/i.test(field)) return value === "Secret" ? secretObject : undefined;
  return saysSecret(field, value) ? namedEntry : undefined;
}

/** Whether a field says that the value of its entry is secret: the name of `{ name: DB_PASSWORD, value }`, the path of a file. */
export function saysSecret(field: string, value: string): boolean {
  if (/^[/~.]/.test(value)) return namesFile(field) && namesSecretFile(value);
  return namesEntry(field) && namesSecret(value.replaceAll(" ", "-"));
}

/** The fields of one map of a text, as far as they have been read. */
interface OpenMap {
  readonly column: number;
  readonly fields: { readonly line: number; readonly field: string }[];
  readonly kinds: Set<Kind>;
}

/**
 * The lines whose leading field holds a secret because a field of the same map says so. The map is recognized by its
 * indentation, so that the order of its fields and what lies between them do not matter.
 */
export function secretLines(lines: readonly string[]): ReadonlyMap<number, Kind> {
  const found = new Map<number, Kind>();
  if (!lines.some((line) => mayName.test(line))) return found;
  const open: OpenMap[] = [];
  const close = (isOver: (map: OpenMap) => boolean): void => {
    for (let last = open.at(-1); last !== undefined && isOver(last); last = open.at(-1)) {
      open.pop();
      for (const kind of last.kinds)
        for (const { line, field } of last.fields) if (kind.holds(field)) found.set(line, kind);
    }
  };
  lines.forEach((line, at) => {
    if (line.trim() === "") return;
    const [, before = "", dash = "", field = "", rest = ""] = fieldLine.exec(line) ?? [];
    const column = field === "" ? (lineStart.exec(line)?.[0].length ?? 0) : before.length + dash.length;
    if (line.startsWith("---")) close(() => true);
    close((map) => map.column > column);
    if (field === "") return;
    const previous = open.at(-1);
    // A preview of Pulumi has a dash in front of each field that is deleted.
    const isDeleted =
      dash !== "" &&
      previous?.fields.length === 1 &&
      previous.fields[0]?.line === at - 1 &&
      holdsEntry(field);
    if (dash !== "" && !isDeleted) close((map) => map.column === column);
    let map = open.at(-1);
    if (map?.column !== column) open.push((map = { column, fields: [], kinds: new Set() }));
    map.fields.push({ line: at, field });
    const [, value = ""] = onlyName.exec(rest.replace(/^!!str[ \t]+/, "")) ?? [];
    const kind = value === "" ? undefined : kindOf(field, value);
    if (kind !== undefined) map.kinds.add(kind);
  });
  close(() => true);
  return found;
}

/** The same within one line: each map in braces whose fields hold a secret, or the whole line where there are no braces. */
function secretStretches(line: string): readonly SecretFields[] {
  if (!mayName.test(line)) return [];
  const hits = [...line.matchAll(fieldInLine)].flatMap(({ index, 1: field = "", 2: value = "" }) => {
    const kind = kindOf(field, value);
    return kind === undefined ? [] : [{ index, kind }];
  });
  if (hits.length === 0) return [];
  const found: SecretFields[] = [];
  const braces: { readonly start: number; readonly kinds: Set<Kind> }[] = [{ start: 0, kinds: new Set() }];
  const close = (end: number): void => {
    const { start, kinds } = braces.pop() ?? { start: 0, kinds: new Set() };
    for (const kind of kinds) found.push({ start, end, ...kind });
  };
  let next = 0;
  for (let at = 0; at < line.length; at++) {
    for (let hit = hits[next]; hit?.index === at; hit = hits[++next]) braces.at(-1)?.kinds.add(hit.kind);
    const character = line.charAt(at);
    if (character === "{") braces.push({ start: at, kinds: new Set() });
    else if (character === "}" && braces.length > 1) close(at + 1);
  }
  while (braces.length > 0) close(line.length);
  return found;
}

/** Why fields of a line are secret that are not called so. */
export interface Held {
  /** A field next to the one that leads the line. */
  readonly leading?: { holds(field: string): boolean; readonly whole: boolean };
  /** The key that the line is below of. */
  readonly below?: { readonly isWhole: boolean };
  /** Whether a field next to it says that `key` is the key of a Secret. */
  hasReference(): boolean;
}

/** Where fields of a line hold a secret whatever they are called: in a map that does, or next to a field that says so. */
export class SecretPlaces {
  /** Up to where all fields are secret, and whether also those that otherwise only refer to one. */
  private until: number;
  private isWhole: boolean;
  private readonly stretches: readonly SecretFields[];
  private next = 0;
  /** Up to where fields of a kind are secret. */
  private readonly kinds = new Map<SecretFields["holds"], SecretFields>();

  constructor(
    private readonly line: string,
    private readonly held: Held,
  ) {
    this.until = held.below === undefined ? 0 : line.length;
    this.isWhole = held.below?.isWhole === true;
    this.stretches = [...secretStretches(line)].sort((a, b) => a.start - b.start);
  }

  /** Whether the field at an offset holds a secret; undefined if only its name can say so. */
  at(index: number, field: string, leads: boolean): { readonly isWhole: boolean } | undefined {
    for (let one = this.stretches[this.next]; one !== undefined && one.start <= index;) {
      if ((this.kinds.get(one.holds)?.end ?? 0) < one.end) this.kinds.set(one.holds, one);
      one = this.stretches[++this.next];
    }
    if (leads && this.held.leading?.holds(field) === true) return { isWhole: this.held.leading.whole };
    for (const { holds, end, whole } of this.kinds.values())
      if (index < end && holds(field)) return { isWhole: whole };
    if (index >= this.until) return undefined;
    const isReference = namesReference(field) || (field === "key" && this.held.hasReference());
    return this.isWhole || !isReference ? { isWhole: this.isWhole } : undefined;
  }

  /** From now on the fields of the map that begins at an offset are secret; returns whether it ends on this line. */
  enter(index: number, start: number, isWhole: boolean): boolean {
    if (index < this.until && this.isWhole === isWhole) return true;
    const end = endOfMap(this.line, start);
    this.until = Math.max(this.until, end ?? this.line.length);
    this.isWhole = isWhole;
    return end !== undefined;
  }
}
