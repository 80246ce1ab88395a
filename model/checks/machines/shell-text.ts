/** Something that this reading does not know. */
export class Unclear extends Error {}

/** Something that is opened and never closed, or closed and never opened. */
export class Broken extends Error {
  constructor(
    readonly what: string,
    readonly at: number,
  ) {
    super(what);
  }
}

/** A here-document whose body begins with the next line. */
interface HereDocument {
  readonly end: string;
  readonly hasTabs: boolean;
  readonly at: number;
}

/** The text of a shell script, read from the beginning: blanks, words with quotes and expansions, redirections, here-documents. */
export abstract class ShellText {
  protected at = 0;
  private pending: HereDocument[] = [];
  private depth = 0;
  /** Where two parentheses open subshells. */
  private readonly subshells = new Set<number>();
  /** How many characters may still be read again. */
  private rereads: number;
  /** The commands found so far. */
  protected abstract readonly commands: unknown[];

  constructor(protected readonly text: string) {
    this.rereads = 20 * text.length;
  }

  /** Reads what is nested: no deeper than the stack holds, which is deeper than any script is written. */
  protected nested(read: () => void): void {
    if (this.depth >= 200) throw new Unclear();
    this.depth++;
    try {
      read();
    } finally {
      this.depth--;
    }
  }

  /** Reads commands in parentheses. */
  protected abstract subshell(from: number): void;

  protected words(): boolean {
    const start = this.at;
    for (this.blanks(); this.word() !== undefined; this.blanks());
    return this.at > start;
  }

  protected redirections(): void {
    for (;;) {
      this.blanks();
      const operator = /^(\d*|&)(<<<|<<-?|<&|>&|<>|>>|>\||<(?!\()|>(?!\())/.exec(
        this.text.slice(this.at, this.at + 12),
      );
      const [whole = "", , kind = ""] = operator ?? [];
      if (operator === null || (whole.startsWith("&") && !kind.startsWith(">"))) return;
      const from = this.at;
      this.at += whole.length;
      this.blanks();
      const target = this.word();
      if (target === undefined) throw new Unclear();
      if (kind === "<<" || kind === "<<-")
        this.pending.push({ end: target, hasTabs: kind === "<<-", at: from });
    }
  }

  /** A word without its quotes; undefined where none begins. */
  protected word(): string | undefined {
    const start = this.at;
    let found = "";
    for (;;) {
      const [from, here] = [this.at, this.text[this.at]];
      const raw = (read: () => void) => {
        const begin = this.at;
        read();
        return this.text.slice(begin, this.at);
      };
      if (here === undefined) break;
      if (here === "\\") {
        if (this.text[this.at + 1] !== "\n") found += this.text[this.at + 1] ?? "";
        this.at += 2;
      } else if (here === "'") found += raw(() => this.single(from)).slice(1, -1);
      else if (here === '"') found += raw(() => this.double(from)).slice(1, -1);
      else if (here === "`" || here === "$") found += raw(() => this.expansion(false));
      else if ((here === "<" || here === ">") && this.text[this.at + 1] === "(") {
        found += raw(() => {
          this.at++;
          this.subshell(from);
        });
      } else if (here === "(" && found.endsWith("=")) {
        this.at++;
        this.nested(() => {
          while (this.words() || this.takes("\n"));
        });
        this.blanks(true);
        if (!this.takes(")"))
          throw this.at >= this.text.length ? new Broken('"(" is never closed', from) : new Unclear();
      } else if (/[\s;&|<>()]/.test(here)) break;
      else {
        found += here;
        this.at++;
      }
    }
    return this.at === start ? undefined : found;
  }

  protected single(from: number): void {
    const end = this.text.indexOf("'", this.at + 1);
    if (end < 0) throw new Broken("the quote ' is never closed", from);
    // Shells read \' differently behind $'.
    if (this.text[this.at - 1] === "$" && this.text[end - 1] === "\\") throw new Unclear();
    this.at = end + 1;
  }

  protected double(from: number): void {
    for (this.at++; !this.takes('"');) {
      if (this.at >= this.text.length) throw new Broken('the quote " is never closed', from);
      this.step(true);
    }
  }

  /** One character, or what an expansion or an escape has of them. */
  protected step(isQuoted: boolean): void {
    const here = this.text[this.at] ?? "";
    if (here === "\\") this.at += 2;
    else if (here === "`" || here === "$") this.nested(() => this.expansion(isQuoted));
    else if (here === "'" && !isQuoted) this.single(this.at);
    else if (here === '"' && !isQuoted) this.double(this.at);
    else this.at++;
  }

  protected expansion(isQuoted: boolean): void {
    const from = this.at;
    if (this.takes("`")) {
      while (!this.takes("`")) {
        if (this.at >= this.text.length) throw new Broken("the quote ` is never closed", from);
        this.at += this.text[this.at] === "\\" ? 2 : 1;
      }
    } else if (this.isNext("$(")) {
      this.at++;
      if (!this.isArithmetic()) this.subshell(from);
    } else if (this.takes("${")) {
      while (!this.takes("}")) {
        if (this.at >= this.text.length) throw new Broken('"${" is never closed', from);
        // A quotation mark in quoted text is one of its own.
        if (isQuoted && this.isNext('"')) this.double(this.at);
        else this.step(isQuoted);
      }
    } else this.at++;
  }

  /**
   * Reads arithmetic in double parentheses. Two that are not closed together are subshells, which only their end shows: these are
   * read again from the start. What may be read again is limited, so that the work grows with the text and not with its nesting.
   */
  protected isArithmetic(): boolean {
    if (!this.isNext("((") || this.subshells.has(this.at)) return false;
    const [start, commands, pending, waiting] = [
      this.at,
      this.commands.length,
      this.pending,
      this.pending.length,
    ];
    if (this.arithmetic()) return true;
    this.subshells.add(start);
    this.rereads -= this.at - start;
    if (this.rereads < 0) throw new Unclear();
    this.at = start;
    this.commands.length = commands;
    this.pending = pending;
    this.pending.length = waiting;
    return false;
  }

  private arithmetic(): boolean {
    this.at += 2;
    try {
      for (let depth = 0; this.at < this.text.length;) {
        if (depth === 0 && this.takes("))")) return true;
        depth += this.isNext("(") ? 1 : this.isNext(")") ? -1 : 0;
        if (depth < 0) return false;
        this.step(true);
      }
    } catch (error) {
      // What is never closed in arithmetic may be plain text in a subshell.
      if (!(error instanceof Broken)) throw error;
    }
    return false;
  }

  /** Blanks, comments and joined lines; with the ends of lines where these mean nothing. */
  protected blanks(hasLines = false): void {
    for (;;) {
      const here = this.text[this.at];
      if (here === " " || here === "\t" || here === "\r") this.at++;
      else if (this.isNext("\\\n")) this.at += 2;
      else if (here === "#" && /^$|[\s;&|()]/.test(this.text[this.at - 1] ?? "")) {
        while (this.at < this.text.length && !this.isNext("\n")) this.at++;
      } else if (!hasLines || !this.takes("\n")) return;
    }
  }

  protected takes(operator: string): boolean {
    if (!this.isNext(operator)) return false;
    this.at += operator.length;
    if (operator === "\n") this.bodies();
    return true;
  }

  /** The bodies of here-documents, at the beginning of a line. */
  protected bodies(): void {
    const pending = this.pending;
    this.pending = [];
    for (const { end, hasTabs, at } of pending) {
      for (let row: string | undefined; row !== end;) {
        if (this.at >= this.text.length) throw new Broken(`the here-document <<${end} is never ended`, at);
        const next = this.text.indexOf("\n", this.at);
        const stop = next < 0 ? this.text.length : next;
        row = this.text.slice(this.at, stop).replace(hasTabs ? /^\t+/ : /^/, "");
        this.at = Math.min(this.text.length, stop + 1);
      }
    }
  }

  protected isNext(operator: string): boolean {
    return this.text.startsWith(operator, this.at);
  }

  protected isWord(word: string): boolean {
    return this.isNext(word) && /^$|[\s;&|<>()]/.test(this.text[this.at + word.length] ?? "");
  }

  protected takesWord(word: string): boolean {
    if (!this.isWord(word)) return false;
    this.at += word.length;
    return true;
  }
}
