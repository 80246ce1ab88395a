import { Command } from "commander";
import { isError } from "../../model/live/preflight/check-result";
import { judgeStackFile } from "../stack/read-stack-file";
import {
  type ReportOptions,
  chosenStack,
  formatOption,
  jsonOption,
  printReport,
  stackOption,
} from "./options";
import type { Terminal } from "./terminal";
import { type ExitCode, exitCodes } from "../exit-codes";

interface CheckOptions extends ReportOptions {
  readonly stack?: string;
}

/** `check`: all checks on a stack file, without Pulumi and without any cluster. */
export function checkCommand(terminal: Terminal): Command {
  return new Command("check")
    .description("run every check on a stack file; reads nothing else and changes nothing")
    .addOption(stackOption())
    .addOption(formatOption())
    .addOption(jsonOption())
    .addHelpText(
      "after",
      "\nExamples:\n  npm run metal -- check\n  npm run metal -- check --stack capi-1 --json\n" +
        "  npm run metal -- check --format github    (annotations in a pull request)",
    )
    .action((options: CheckOptions) => terminal.end(check(terminal, options)));
}

function check(terminal: Terminal, options: CheckOptions): ExitCode {
  const name = chosenStack(terminal, options.stack);
  const judged = judgeStackFile(terminal.directory, name, terminal.now());
  printReport(terminal, options, judged);
  if (judged.stack === undefined) return exitCodes.undecided;
  return judged.findings.some(isError) ? exitCodes.findings : exitCodes.holds;
}
