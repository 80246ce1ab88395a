import { Command, Option } from "commander";
import { type Affected, affectedStacks } from "../../model/change/code";
import { shownOnOneLine } from "../../model/redaction/shown";
import { type Change, ChangeUnknown, changeSince } from "../review/changed-files";
import { stackNames } from "../stack/stack-files";
import { Refusal, type Terminal } from "./terminal";
import { exitCodes } from "../exit-codes";

interface AffectedOptions {
  readonly base?: string;
  readonly all?: true;
  readonly exact?: true;
  readonly json?: true;
}

/** Jobs that GitHub makes of one matrix. */
const largestMatrix = 256;

/** `affected`: the stacks whose preview a change can alter. */
export function affectedCommand(terminal: Terminal): Command {
  return new Command("affected")
    .description("list the stacks that a change affects: files changed since a commit, committed or not")
    .option("--base <ref>", "the commit or branch that the change is compared with")
    .addOption(
      new Option("--all", "list every stack, regardless of changes; for scheduled runs").conflicts("base"),
    )
    .option(
      "--exact",
      "compare with the base itself, not with the merge base: for deployments, where history may be rewritten",
    )
    .option("--json", 'print one line, a matrix for GitHub Actions: {"include":[{"stack":…,"reason":…}]}')
    .addHelpText(
      "after",
      "\nA stack file affects its own stack, the program's code every stack, documentation and tests none.\n" +
        "Examples:\n  npm run metal -- affected --base main\n" +
        '  echo "matrix=$(npm run --silent metal -- affected --base "$BASE" --json)" >> "$GITHUB_OUTPUT"',
    )
    .action((options: AffectedOptions) => {
      const stacks = namesThatFit(terminal.directory);
      const affected = onLines(
        options.all === true
          ? everyStack(stacks)
          : affectedStacks(change(terminal.directory, options).paths, stacks),
      );
      if (options.json === true) terminal.json({ include: affected.stacks });
      else terminal.out(text(affected));
      if (options.json === true && affected.stacks.length > largestMatrix) {
        terminal.err(`${affected.stacks.length} stacks; GitHub takes ${largestMatrix} jobs in one matrix\n`);
      }
      terminal.end(exitCodes.holds);
    });
}

function everyStack(stacks: readonly string[]): Affected {
  return { stacks: stacks.map((stack) => ({ stack, reason: "--all" })), removed: [], harmless: 0 };
}

/** Names of files may hold line breaks; the answer has one line for each stack. */
function onLines({ stacks, removed, harmless }: Affected): Affected {
  return {
    stacks: stacks.map(({ stack, reason }) => ({ stack, reason: shownOnOneLine(reason) })),
    removed: removed.map(shownOnOneLine),
    harmless,
  };
}

function change(directory: string, { base, exact }: AffectedOptions): Change {
  if (base === undefined) throw new Refusal("name what to compare with: --base REF, such as main, or --all");
  try {
    return changeSince(directory, base, exact === true);
  } catch (error) {
    if (error instanceof ChangeUnknown) throw new Refusal(error.message);
    throw error;
  }
}

/** Names go into job names, artifacts and commands of a workflow, and a pull request from a fork may add one. */
function namesThatFit(directory: string): readonly string[] {
  const names = stackNames(directory);
  const invalid = names.find((name) => !/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/.test(name));
  if (invalid === undefined) return names;
  throw new Refusal(
    `${JSON.stringify(`Pulumi.${invalid}.yaml`)} is not a valid stack name; use letters, digits, dots, dashes and underscores`,
  );
}

function text({ stacks, removed, harmless }: Affected): string {
  const width = Math.max(0, ...stacks.map(({ stack }) => stack.length));
  const lines = [
    ...stacks.map(({ stack, reason }) => `${stack.padEnd(width)}  ${reason}`),
    ...removed.map((stack) => `${stack}: its file is deleted; pulumi destroy it first, if it still runs`),
  ];
  if (stacks.length === 0) {
    lines.push(`no stack is affected: ${harmless} changed files of documentation, tests and tools`);
  }
  return lines.join("\n");
}
