import childProcess from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Gate, StackUpdate, StateSummary } from "../../model/change/review/gate";
import { example } from "../change/pull-requests";
import { metal, projectWith } from "../ops/command-line";
import { commandOnPath } from "../ops/stub-command";

const file = "Pulumi.capi-1.yaml";

/** Edits of the stack file by the risk that each has on its own. */
export const edits = {
  low: (text: string) => text.replace(/^config:$/m, "config:\n  metal:timeouts: { ready: 121 }"),
  low2: (text: string) => text.replace("ready: 121", "ready: 122"),
  high: (text: string) => text.replaceAll("v1.36.3", "v1.36.4"),
} as const;

let first: string | undefined;

function firstCommit(): string {
  if (first !== undefined) return first;
  first = projectWith({ [file]: example() });
  git(first, "init", "-q", "-b", "main", "--template=");
  git(first, "add", "-A");
  git(first, "commit", "-q", "-m", "a commit");
  return first;
}

function git(directory: string, ...args: readonly string[]): string {
  const who = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"];
  // Otherwise each commit starts a second git.
  const alone = ["-c", "maintenance.auto=false"];
  return childProcess
    .execFileSync("git", [...who, ...alone, ...args], { cwd: directory, encoding: "utf8", stdio: "pipe" })
    .trim();
}

/** A repository and the history of one stack's deployments, as Pulumi would record them. */
export class Deployments {
  readonly directory: string;
  readonly history: StackUpdate[] = [];
  /** What `pulumi stack export` would say where it differs from the history. */
  state: Partial<StateSummary> = {};
  private minute = 0;

  constructor() {
    // Every history starts with the same commit, which is made once.
    this.directory = fs.mkdtempSync(path.join(os.tmpdir(), "metal-"));
    fs.cpSync(firstCommit(), this.directory, { recursive: true });
  }

  git(...args: readonly string[]): string {
    return git(this.directory, ...args);
  }

  /** The commit that is checked out, read from git's files: hundreds of calls of git are most of what these tests take. */
  get head(): string {
    const read = (name: string) => fs.readFileSync(path.join(this.directory, ".git", name), "utf8").trim();
    const head = read("HEAD");
    return head.startsWith("ref: ") ? read(head.slice("ref: ".length)) : head;
  }

  /** Merges an edit of the stack file into main; returns the commit. */
  merge(edit: (text: string) => string, name = file): string {
    const place = path.join(this.directory, name);
    const isNew = !fs.existsSync(place);
    const before = isNew ? "" : fs.readFileSync(place, "utf8");
    const after = edit(before);
    if (after === before) throw new Error("the edit changes nothing");
    fs.mkdirSync(path.dirname(place), { recursive: true });
    fs.writeFileSync(place, after);
    return this.commit(isNew);
  }

  /** Merges a link to another file in place of the stack file, which says the same; or the file itself again. */
  link(isLink = true): string {
    const place = path.join(this.directory, file);
    const text = fs.readFileSync(place, "utf8");
    fs.rmSync(place);
    if (!isLink) fs.writeFileSync(place, text);
    else {
      fs.mkdirSync(path.join(this.directory, "docs"), { recursive: true });
      fs.writeFileSync(path.join(this.directory, "docs/capi-1.yaml"), text);
      // Wherever the file is read from, it leads to the working tree.
      fs.symlinkSync(path.join(this.directory, "docs/capi-1.yaml"), place);
    }
    return this.commit();
  }

  /** Merges a link. */
  symlink(target: string, name: string): string {
    const place = path.join(this.directory, name);
    fs.mkdirSync(path.dirname(place), { recursive: true });
    fs.symlinkSync(target, place);
    return this.commit();
  }

  /** Merges a submodule whose changes git is configured to ignore. */
  submodule(name: string): string {
    const entry = `[submodule "${name}"]\n\tpath = ${name}\n\turl = ./\n\tignore = all\n`;
    fs.writeFileSync(path.join(this.directory, ".gitmodules"), entry);
    fs.mkdirSync(path.join(this.directory, name), { recursive: true });
    this.git("update-index", "--add", "--cacheinfo", `160000,${this.head},${name}`);
    return this.commit();
  }

  private commit(hasNew = true): string {
    if (hasNew) this.git("add", "-A");
    this.git("commit", "-q", "-a", "-m", "a commit");
    return this.head;
  }

  /** Records an update of what is checked out. */
  up(result = "succeeded", environment: Readonly<Record<string, string>> = {}, kind = "update"): void {
    this.minute += 1;
    this.history.unshift({
      kind,
      result,
      endTime: new Date(Date.UTC(2026, 10, 24, 0, this.minute)).toISOString(),
      environment: { "git.head": this.head, "git.dirty": "false", ...environment },
    });
  }

  /** Judges what is checked out now. */
  async gate(approved?: string): Promise<Gate & { readonly code: number }> {
    const args = ["gate", "--stack", "capi-1", "--format", "json"];
    const ran = await metal(
      this.directory,
      approved === undefined ? args : [...args, "--approved", approved],
      this.pulumi(),
    );
    if (ran.out === "") throw new Error(ran.err);
    return { ...(JSON.parse(ran.out) as Gate), code: ran.code };
  }

  /** A Pulumi CLI that answers from the history. */
  pulumi(): NodeJS.ProcessEnv {
    if (this.history.length === 0 && this.state.written === undefined) {
      return commandOnPath("pulumi", `echo "error: no stack named 'capi-1' found" >&2; exit 6`);
    }
    const { written, resources = 40, pending = 0 } = this.state;
    const exported = {
      deployment: {
        // the engine writes the state within the second that the history names
        manifest: { time: written ?? (this.history[0]?.endTime ?? "").replace(".000Z", ".512Z") },
        resources: Array.from({ length: resources }, () => ({})),
        pending_operations: Array.from({ length: pending }, () => ({})),
      },
    };
    return commandOnPath(
      "pulumi",
      `case "$2" in
history) cat <<'END'\n${JSON.stringify(this.history)}\nEND\n;;
export) cat <<'END'\n${JSON.stringify(exported)}\nEND\n;;
*) exit 9 ;;
esac`,
    );
  }
}
