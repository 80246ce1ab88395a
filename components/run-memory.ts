import crypto from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import * as pulumi from "@pulumi/pulumi";

/** `pulumi up` waits for confirmation between its two halves; older results are checked again. */
const freshMilliseconds = 5 * 60_000;

/**
 * What the preview half of a `pulumi up` has found out, for its update half: the same engine runs the program twice within
 * seconds, and an unchanged result need not be computed twice. Nothing outlives the engine's process.
 */
export class RunMemory {
  constructor(
    private readonly file: string,
    /** The engine's process, so that another run never uses its results; undefined remembers nothing. */
    private readonly engine: string | undefined,
    private readonly isPreview: boolean,
  ) {}

  /** The memory of this stack's run; one that remembers nothing where the engine's process cannot be determined. */
  static ofThisRun(): RunMemory {
    const file = path.join(".metal", "run", `${pulumi.getStack()}.json`);
    return new RunMemory(file, engineProcess(), pulumi.runtime.isDryRun());
  }

  /** What the preview of this very run answered to the same question; undefined in a preview, and for anything older. */
  recall(question: string, about: unknown): string | undefined {
    if (this.engine === undefined || this.isPreview) return undefined;
    const entry = this.read()[question];
    if (entry?.engine !== this.engine || entry.about !== digest(about)) return undefined;
    return Date.now() - entry.at < freshMilliseconds ? entry.answer : undefined;
  }

  /**
   * Keeps an answer for the update. Never a secret: it is written to a file. Where no file can be written, in a read-only
   * project or on a full disk, the update finds out again.
   */
  keep(question: string, about: unknown, answer: string): void {
    const { engine } = this;
    if (engine === undefined || !this.isPreview) return;
    const entry = { engine, about: digest(about), at: Date.now(), answer };
    const partial = `${this.file}.${process.pid}`;
    try {
      fs.mkdirSync(path.dirname(this.file), { recursive: true });
      fs.writeFileSync(partial, JSON.stringify({ ...this.read(), [question]: entry }), { mode: 0o600 });
      fs.renameSync(partial, this.file);
    } catch (error) {
      const { code, syscall, message } = error as NodeJS.ErrnoException;
      if (syscall === undefined) throw error;
      void pulumi.log.debug(
        `${this.file} cannot be written (${code ?? message}): the update repeats ${question}`,
      );
    }
  }

  private read(): Partial<Record<string, Entry>> {
    try {
      return JSON.parse(fs.readFileSync(this.file, "utf8")) as Partial<Record<string, Entry>>;
    } catch {
      // Nothing kept yet, or a file that is none of ours: then everything is checked.
      return {};
    }
  }
}

interface Entry {
  readonly engine: string;
  readonly about: string;
  readonly at: number;
  readonly answer: string;
}

function digest(about: unknown): string {
  return crypto.createHash("sha256").update(JSON.stringify(about)).digest("hex");
}

/** `pid start-time` of the engine: our parent is the language host, which each half starts again, and its parent the engine. */
function engineProcess(): string | undefined {
  try {
    const engine = Number(statOf(process.ppid).fields[1]);
    const { name, fields } = statOf(engine);
    // Under anything else, a test or an orphaned language host, the same parent proves nothing.
    return name.startsWith("pulumi") ? `${engine} ${fields[19] ?? ""}` : undefined;
  } catch {
    // No /proc on this system.
    return undefined;
  }
}

/** Name, and fields from the third on, of /proc/PID/stat; the name is in parentheses and may contain blanks. */
function statOf(pid: number): { readonly name: string; readonly fields: readonly string[] } {
  const [, name = "", rest = ""] =
    /^\d+ \((.*)\) (.*)$/s.exec(fs.readFileSync(`/proc/${pid}/stat`, "utf8")) ?? [];
  return { name, fields: rest.split(" ") };
}
