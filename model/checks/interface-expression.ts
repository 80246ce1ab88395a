/**
 * Matches names of interfaces with regular expressions of a stack file as Cilium does (RE2): in time that grows with the length of
 * the expression, because all places that a part can end at are followed at once. JavaScript's own expressions try one after the
 * other, which takes longer than a build for `(a|a|a)*!`.
 */

/** The places at which a match that began at one of `from` may end. */
type Part = (text: string, from: ReadonlySet<number>) => ReadonlySet<number>;

/** Longer ones are refused. */
const mostCharacters = 256;

/** Repetitions by number up to this one; a name has at most 15 characters. */
const mostTimes = 32;

/** What an expression may consist of, for messages. */
export const expressionForm =
  "characters, classes such as [0-9], groups, alternatives, and the quantifiers * + ? {1,4}, such as ^(eno|bond)[0-9]+$";

/** Whether a name matches anywhere; undefined for what is no expression, or is not of {@link expressionForm}. */
export function interfaceExpression(text: string): ((name: string) => boolean) | undefined {
  if (text.length > mostCharacters) return undefined;
  const reader = new Reader(text);
  const part = reader.alternatives();
  if (part === undefined || !reader.isAtEnd) return undefined;
  return (name) => part(name, new Set(Array.from({ length: name.length + 1 }, (_, i) => i))).size > 0;
}

class Reader {
  private at = 0;

  constructor(private readonly text: string) {}

  get isAtEnd(): boolean {
    return this.at === this.text.length;
  }

  /** Parts with `|` between them; undefined where something is not known. */
  alternatives(): Part | undefined {
    const parts: Part[] = [];
    do {
      const part = this.sequence();
      if (part === undefined) return undefined;
      parts.push(part);
    } while (this.take("|"));
    return remembered((text, from) => union(parts.map((part) => part(text, from))));
  }

  private sequence(): Part | undefined {
    const parts: Part[] = [];
    while (!this.isAtEnd && !"|)".includes(this.text[this.at] ?? "")) {
      const atom = this.atom();
      const part = atom === undefined ? undefined : this.quantified(atom);
      if (part === undefined) return undefined;
      parts.push(part);
    }
    return (text, from) => parts.reduce((places, part) => part(text, places), from);
  }

  private atom(): Part | undefined {
    if (this.take("^")) return (_text, from) => new Set(from.has(0) ? [0] : []);
    if (this.take("$")) return (text, from) => new Set(from.has(text.length) ? [text.length] : []);
    if (this.take("(")) {
      if (this.text[this.at] === "?" && !this.take("?:")) return undefined;
      const inner = this.alternatives();
      return this.take(")") ? inner : undefined;
    }
    if (this.take(".")) return one(() => true);
    if (this.take("[")) return this.characterClass();
    const character = this.next();
    if (character === "\\") {
      const escaped = this.escaped();
      return escaped && one(escaped);
    }
    return "*+?{}]".includes(character) ? undefined : one((other) => other === character);
  }

  private quantified(part: Part): Part | undefined {
    const [, symbol, low, comma, high] =
      /^(?:([*+?])|\{(\d{1,4})(?:(,)(\d{1,4})?)?\})/.exec(this.text.slice(this.at)) ?? [];
    const whole = /^(?:[*+?]|\{\d{1,4}(?:,(?:\d{1,4})?)?\})\??/.exec(this.text.slice(this.at))?.[0];
    if (whole === undefined) return part;
    this.at += whole.length;
    // Of a quantifier no other one can follow.
    if ("*+?{".includes(this.text[this.at] ?? " ")) return undefined;
    const least = symbol === undefined ? Number(low) : symbol === "+" ? 1 : 0;
    const most =
      symbol === "?"
        ? 1
        : symbol !== undefined
          ? Infinity
          : comma === undefined
            ? least
            : Number(high ?? Infinity);
    if (least > mostTimes || (most !== Infinity && (most > mostTimes || most < least))) return undefined;
    return remembered((text, from) => repeated(part, text, from, least, most));
  }

  private characterClass(): Part | undefined {
    const isNegated = this.take("^");
    const members: ((character: string) => boolean)[] = [];
    for (let isFirst = true; isFirst || this.text[this.at] !== "]"; isFirst = false) {
      if (this.isAtEnd || this.text.startsWith("[:", this.at)) return undefined;
      const first = this.next();
      if (first === "\\") {
        const escaped = this.escaped();
        if (escaped === undefined) return undefined;
        members.push(escaped);
        continue;
      }
      const isRange = this.text[this.at] === "-" && !["]", "\\", undefined].includes(this.text[this.at + 1]);
      if (!isRange) {
        members.push((character) => character === first);
        continue;
      }
      this.at++;
      const last = this.next();
      if (last < first) return undefined;
      members.push((character) => first <= character && character <= last);
    }
    this.at++;
    return one((character) => members.some((member) => member(character)) !== isNegated);
  }

  /** What follows a backslash: one of the classes, or a sign that stands for itself. */
  private escaped(): ((character: string) => boolean) | undefined {
    const sign = this.next();
    const known: Readonly<Record<string, RegExp>> = {
      d: /\d/,
      D: /\D/,
      w: /\w/,
      W: /\W/,
      s: /\s/,
      S: /\S/,
    };
    const found = Object.hasOwn(known, sign) ? known[sign] : undefined;
    if (found !== undefined) return (character) => found.test(character);
    return /^[^\w\s]$/.test(sign) ? (character) => character === sign : undefined;
  }

  private take(text: string): boolean {
    if (!this.text.startsWith(text, this.at)) return false;
    this.at += text.length;
    return true;
  }

  private next(): string {
    return this.text[this.at++] ?? "";
  }
}

function one(isMember: (character: string) => boolean): Part {
  return (text, from) =>
    new Set([...from].filter((at) => at < text.length && isMember(text[at] ?? "")).map((at) => at + 1));
}

/**
 * The same part, which works out once for each place of a text where a match that begins there may end: of groups within groups,
 * each repeated, the number of tries would double with each of them.
 */
function remembered(part: Part): Part {
  let last = "";
  let ends = new Map<number, ReadonlySet<number>>();
  return (text, from) => {
    if (text !== last) [last, ends] = [text, new Map()];
    return union(
      [...from].map((at) => {
        const found = ends.get(at) ?? part(text, new Set([at]));
        ends.set(at, found);
        return found;
      }),
    );
  };
}

function union(sets: readonly ReadonlySet<number>[]): ReadonlySet<number> {
  return new Set(sets.flatMap((set) => [...set]));
}

/** The places after at least `least` and at most `most` times; without a limit until no place is new. */
function repeated(
  part: Part,
  text: string,
  from: ReadonlySet<number>,
  least: number,
  most: number,
): ReadonlySet<number> {
  let places = from;
  for (let times = 0; times < least; times++) places = part(text, places);
  const found = new Set(places);
  for (let times = least; times < most; times++) {
    const further = new Set([...part(text, places)].filter((place) => !found.has(place)));
    if (further.size === 0) break;
    for (const place of further) found.add(place);
    places = further;
  }
  return found;
}
