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
    const files = this.filesBelow(paths);
    if (files.length === 0) return;
    // Blobs as they were committed: `git archive` leaves out and rewrites what .gitattributes says (export-ignore, export-subst).
    const blobs = blobsOf(this.git(["cat-file", "--batch"], files.map(({ id }) => `${id}\n`).join("")));
    files.forEach(({ name }, i) => {
      const place = path.join(this.directory, name);
      fs.mkdirSync(path.dirname(place), { recursive: true });
      fs.writeFileSync(place, blobs[i] ?? "");
    });
  }

  private filesBelow(paths: readonly string[]): readonly { readonly id: string; readonly name: string }[] {
    const listed = this.git(["ls-tree", "-r", "-z", this.base.from, "--", ...paths]).toString("utf8");
    return listed
      .split("\0")
      .filter((entry) => entry !== "")
      .map((entry) => {
        const [, mode = "", id = "", name = ""] = /^(\d+) \w+ ([0-9a-f]+)\t(.+)$/s.exec(entry) ?? [];
        // What a link leads to may be the same file on both sides, whatever was committed.
        if (!mode.startsWith("100"))
          throw new Refusal(
            `${name} of ${this.base.name} is a link or a submodule, which cannot be compared`,
          );
        return { id, name };
      });
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

  private git(args: readonly string[], input = ""): Buffer {
    const run = childProcess.spawnSync("git", args, {
      cwd: this.project,
      input,
      maxBuffer: 512 * 1024 * 1024,
    });
    if (run.status === 0) return run.stdout;
    throw new Refusal(`git ${args[0] ?? ""} could not read ${this.base.name}`);
  }
}

/** The contents that `git cat-file --batch` prints, each behind a line with its size. */
function blobsOf(printed: Buffer): readonly Buffer[] {
  const blobs: Buffer[] = [];
  for (let at = 0; at < printed.length;) {
    const head = printed.indexOf(10, at);
    const size = Number(/ blob (\d+)$/.exec(printed.toString("utf8", at, head))?.[1]);
    if (!Number.isInteger(size)) throw new Refusal("git cat-file printed no blob");
    blobs.push(printed.subarray(head + 1, head + 1 + size));
    at = head + 1 + size + 1;
  }
  return blobs;
}
