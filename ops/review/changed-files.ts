import childProcess from "node:child_process";
import path from "node:path";
import { isLink } from "../stack/project-files";

/** Git could not determine what changed. */
export class ChangeUnknown extends Error {}

/** What a directory holds that differs from a commit. */
export interface Change {
  /** The commit that is compared with. */
  readonly from: string;
  /** Changed, deleted and new files, relative to the directory. */
  readonly paths: readonly string[];
  /** All links and submodules, changed or not: what they lead to may change without them. */
  readonly links: readonly string[];
}

/**
 * Compares the working tree with the point where it left `base`, so that what others have merged meanwhile does not count;
 * when the comparison is exact, with `base` itself, whatever the history between them. Throws {@link ChangeUnknown}.
 */
export function changeSince(directory: string, base: string, exact = false): Change {
  const commit = commitOf(directory, base);
  const from = exact ? commit : git(directory, ["merge-base", commit, "HEAD"])?.trim();
  if (from === undefined) {
    throw new ChangeUnknown(
      `"${base}" and HEAD have no common commit here; a shallow clone lacks it: fetch with --unshallow (actions/checkout: fetch-depth: 0)`,
    );
  }
  // Both names of a renamed file count, and names come as they are.
  const tracked = git(directory, [
    "diff",
    "--name-only",
    "--no-renames",
    // .gitmodules could leave submodules out.
    "--ignore-submodules=none",
    "--relative",
    "-z",
    from,
    "--",
    ".",
  ]);
  const untracked = git(directory, ["ls-files", "--others", "--exclude-standard", "-z"]);
  const staged = git(directory, ["ls-files", "--stage", "-z"]);
  if (tracked === undefined || untracked === undefined || staged === undefined) {
    throw new ChangeUnknown(`git could not compare ${directory} with "${base}"`);
  }
  const paths = `${tracked}${untracked}`.split("\0").filter((name) => name !== "");
  const links = [...linksOf(staged), ...paths.filter((name) => isLink(path.join(directory, name)))];
  return { from, paths, links: [...new Set(links)] };
}

/** Entries of the index with the mode of a symbolic link or of a submodule. */
function linksOf(staged: string): readonly string[] {
  return staged.split("\0").flatMap((entry) => /^(?:120|160)000 [^\t]*\t(.+)$/s.exec(entry)?.[1] ?? []);
}

/** The commit that a name resolves to. Throws {@link ChangeUnknown}. */
export function commitOf(directory: string, name: string): string {
  const commit = git(directory, ["rev-parse", "--verify", "--quiet", "--end-of-options", `${name}^{commit}`]);
  if (commit !== undefined) return commit.trim();
  throw new ChangeUnknown(`there is no commit "${name}" here; fetch it first: git fetch origin ${name}`);
}

/** The output of a git command, undefined when it fails. */
function git(directory: string, args: readonly string[]): string | undefined {
  const run = childProcess.spawnSync("git", args, {
    cwd: directory,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  if (run.error !== undefined) throw new ChangeUnknown(`git cannot be run: ${run.error.message}`);
  return run.status === 0 ? run.stdout : undefined;
}
