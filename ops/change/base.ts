import childProcess from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { Refusal } from "../commands/terminal";
import { ChangeUnknown, type Change as ChangedFiles, changeSince } from "../review/changed-files";
import { TemporaryFolder, endingSignals } from "../temporary-folder";

/** The commit that a stack is compared with. */
export interface Base extends ChangedFiles {
  /** What it was found by, such as `main`. */
  readonly name: string;
}

/**
 * Where this branch left the ref, or the ref itself when the comparison is exact; without a ref where it left main, else
 * HEAD. Throws a {@link Refusal}.
 */
export function findBase(directory: string, asked: string | undefined, exact = false): Base {
  const refs = asked === undefined ? ["origin/main", "main", "HEAD"] : [asked];
  for (const [i, name] of refs.entries()) {
    try {
      return { name, ...changeSince(directory, name, exact) };
    } catch (error) {
      if (!(error instanceof ChangeUnknown)) throw error;
      if (i === refs.length - 1) {
        throw new Refusal(
          asked === undefined
            ? `${directory} has no commit to compare with: it is in no git repository, or in a new one`
            : error.message,
        );
      }
    }
  }
  throw new Refusal("there is no base");
}

/** The project as it was at the base, or the parts of it that somebody asked for, in a folder of its own. */
export class BaseTree {
  private readonly folder = new TemporaryFolder();
  readonly directory = this.folder.path;
  private readonly onSignal = (_name: NodeJS.Signals, signal: number) => process.exit(128 + signal);

  constructor(
    private readonly project: string,
    private readonly base: Base,
  ) {
    // Exiting removes the folder, which dying of the signal would not.
    for (const signal of endingSignals) process.once(signal, this.onSignal);
  }

  /** Brings these files and folders here; what was not there is left out. */
  bring(paths: readonly string[]): void {
    const present = paths.filter((name) => this.git(["cat-file", "-e", `${this.base.from}:./${name}`]));
    if (present.length === 0) return;
    const archive = path.join(this.directory, ".archive.tar");
    const packed = this.git(["archive", "--format=tar", "-o", archive, this.base.from, "--", ...present]);
    const unpacked = packed && run("tar", ["-xf", archive], this.directory);
    if (!unpacked)
      throw new Refusal(`git archive could not bring ${present.join(", ")} of ${this.base.name}`);
    fs.rmSync(archive);
  }

  /** Whether a file is here. */
  has(name: string): boolean {
    return fs.existsSync(path.join(this.directory, name));
  }

  /** A file's text; empty when it is not here. */
  text(name: string): string {
    return this.has(name) ? fs.readFileSync(path.join(this.directory, name), "utf8") : "";
  }

  /** Takes the folder away. */
  remove(): void {
    for (const signal of endingSignals) process.off(signal, this.onSignal);
    this.folder.remove();
  }

  private git(args: readonly string[]): boolean {
    return run("git", args, this.project);
  }
}

function run(command: string, args: readonly string[], cwd: string): boolean {
  return childProcess.spawnSync(command, [...args], { cwd, stdio: "ignore" }).status === 0;
}
