import { Broken, ShellText, Unclear } from "./shell-text";

/** A simple command of a script. */
interface ShellCommand {
  /** Its words without quotes; expansions stay as they are written. Assignments before it are left out. */
  readonly words: readonly string[];
  /** Where it begins in the text. */
  readonly at: number;
  /** Whether the shell of the script itself runs it, so that `exit` ends the script: no subshell, pipeline or background job. */
  readonly isOwn: boolean;
}

/** What is known about a script without running it. */
export interface ShellScript {
  readonly commands: readonly ShellCommand[];
  /** What is opened and never closed, or closed and never opened: the shell runs nothing of it, and nothing behind it. */
  readonly broken?: { readonly what: string; readonly at: number };
  /** Whether something was found that this reading does not know: then nothing is certain. */
  readonly isUnclear: boolean;
}

/**
 * The commands of a shell script, in the grammar of POSIX (Shell Command Language, 2.10) with what bash adds to it and what scripts use:
 * `[[`, `((`, arrays, here-strings and process substitutions. Functions count where they are called.
 */
export function readShell(text: string): ShellScript {
  const reader = new ShellReader(text);
  try {
    reader.list([]);
    return { commands: reader.called(), isUnclear: false };
  } catch (error) {
    const commands = reader.called();
    if (error instanceof Broken) return { commands, broken: error, isUnclear: false };
    if (error instanceof Unclear) return { commands, isUnclear: true };
    throw error;
  }
}

type Mutable = { -readonly [Key in keyof ShellCommand]: ShellCommand[Key] };

/** What ends a list of commands of some compound command; none of them begins a command. */
const closing = ["then", "elif", "else", "fi", "do", "done", "esac", "}"];

class ShellReader extends ShellText {
  protected readonly commands: Mutable[] = [];
  private readonly functions = new Map<string, readonly Mutable[]>();
  /** How many commands of functions may still be repeated: functions that call others twice have very many. */
  private repeats = 10_000;

  /** The commands, with those of a function where it is called. */
  called(
    commands: readonly Mutable[] = this.commands,
    within: readonly string[] = [],
  ): readonly ShellCommand[] {
    return commands.flatMap((command) => {
      const [name = ""] = command.words;
      const body = within.includes(name) ? undefined : this.functions.get(name);
      if (body === undefined || within.length >= 100) return [command];
      // An empty body counts as well: it is a call.
      this.repeats -= body.length + 1;
      if (this.repeats < 0) return [command];
      return this.called(body, [...within, name])
        .filter(({ words }) => words[0] !== "return")
        .map((each) => ({ ...each, at: command.at, isOwn: each.isOwn && command.isOwn }));
    });
  }

  /** Reads commands until one of the reserved words or operators at the place of a command, and reads that as well. */
  list(ends: readonly string[], what = "", from = this.at): string {
    for (;;) {
      this.blanks(true);
      while (!this.isNext(";;") && !this.isNext(";&") && this.takes(";")) this.blanks(true);
      const end = ends.find((each) => (/\w|}/.test(each) ? this.isWord(each) : this.isNext(each)));
      if (end !== undefined) {
        this.at += end.length;
        return end;
      }
      if (this.at >= this.text.length) {
        this.bodies();
        if (ends.length === 0) return "";
        throw new Broken(what, from);
      }
      const stray =
        closing.find((each) => this.isWord(each)) ?? [")", ";;"].find((each) => this.isNext(each));
      if (stray !== undefined) throw new Broken(`"${stray}" closes nothing`, this.at);
      this.andOr();
    }
  }

  private andOr(): void {
    const start = this.commands.length;
    do {
      this.pipeline();
      this.blanks();
    } while (this.takes("&&") || this.takes("||"));
    if (this.takes("&")) this.apart(start);
  }

  private pipeline(): void {
    const start = this.commands.length;
    let parts = 0;
    do {
      this.blanks(true);
      while (this.takesWord("!") || this.takesWord("time")) this.blanks();
      this.command();
      this.blanks();
      parts++;
    } while (!this.isNext("||") && (this.takes("|&") || this.takes("|")));
    if (parts > 1) this.apart(start);
  }

  /** Commands from here on run in a process of their own. */
  private apart(start: number): void {
    for (const command of this.commands.slice(start)) command.isOwn = false;
  }

  private command(): void {
    this.nested(() => this.commandAt(this.at));
  }

  private commandAt(from: number): void {
    if (this.isArithmetic()) {
      // Nothing in it is a command.
    } else if (this.isNext("(")) this.subshell(from);
    else if (!this.compound(from)) return this.simple(from);
    this.redirections();
  }

  protected subshell(from: number): void {
    const start = this.commands.length;
    this.at++;
    this.list([")"], '"(" is never closed', from);
    this.apart(start);
  }

  private compound(from: number): boolean {
    const until = (ends: readonly string[], word: string) =>
      this.list(ends, `"${word}" is never ended`, from);
    if (this.takesWord("{")) until(["}"], "{");
    else if (this.takesWord("if")) {
      for (let end = "elif"; end !== "fi" && end !== "else";) {
        until(["then"], "if");
        end = until(["elif", "else", "fi"], "if");
        if (end === "else") until(["fi"], "if");
      }
    } else if (this.takesWord("while") || this.takesWord("until")) {
      until(["do"], "while");
      until(["done"], "while");
    } else if (this.takesWord("for") || this.takesWord("select")) {
      this.blanks();
      if (!this.isArithmetic()) this.word();
      this.blanks(true);
      if (this.takesWord("in")) this.words();
      until(["do"], "for");
      until(["done"], "for");
    } else if (this.takesWord("case")) this.cases(from);
    else if (this.takesWord("[[")) this.condition(from);
    else if (this.takesWord("function")) {
      this.blanks();
      this.define(this.word() ?? "");
    } else return false;
    return true;
  }

  private cases(from: number): void {
    const what = '"case" is never ended';
    this.blanks();
    this.word();
    this.blanks(true);
    if (!this.takesWord("in")) throw new Unclear();
    for (;;) {
      this.blanks(true);
      if (this.takesWord("esac")) return;
      this.takes("(");
      do {
        this.blanks();
        if (this.at >= this.text.length) throw new Broken(what, from);
        if (this.word() === undefined) throw new Unclear();
        this.blanks();
      } while (this.takes("|"));
      if (!this.takes(")")) throw this.at >= this.text.length ? new Broken(what, from) : new Unclear();
      if (this.list([";;&", ";;", ";&", "esac"], what, from) === "esac") return;
    }
  }

  private condition(from: number): void {
    for (;;) {
      this.blanks(true);
      if (this.takesWord("]]")) return;
      if (this.at >= this.text.length) throw new Broken('"[[" is never closed', from);
      if (this.word() === undefined) this.at++;
    }
  }

  /** A function; its commands count where it is called. */
  private define(name: string): void {
    this.blanks();
    if (this.takes("(")) {
      this.blanks();
      if (!this.takes(")")) throw new Unclear();
    }
    this.blanks(true);
    const start = this.commands.length;
    this.command();
    this.functions.set(name, this.commands.splice(start));
  }

  private simple(from: number): void {
    const found: string[] = [];
    for (;;) {
      this.redirections();
      const word = this.word();
      if (word === undefined) break;
      if (found.length > 0 || !/^\w+\+?=/.test(word)) found.push(word);
      this.blanks();
      if (!this.isNext("(")) continue;
      if (found.length !== 1) throw new Unclear();
      return this.define(word);
    }
    if (found.length > 0) this.commands.push({ words: found, at: from, isOwn: true });
    else if (this.at < this.text.length && !"\n;&|)".includes(this.text[this.at] ?? "")) throw new Unclear();
  }
}
