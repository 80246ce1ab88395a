import { Command } from "commander";
import { checkStack } from "../../model/checks";
import { reportText } from "../../model/findings";
import { readStackFile } from "../stack/read-stack-file";
import { chosenStack, stackOption } from "./stack-option";
import { type ExitCode, type Terminal, exitCodes } from "./terminal";

interface CheckOptions {
  readonly stack?: string;
  readonly json?: true;
}

/** `check`: all checks on a stack file, without Pulumi and without any cluster. */
export function checkCommand(terminal: Terminal): Command {
  return new Command("check")
    .description("run every check on a stack file; reads nothing else and changes nothing")
    .addOption(stackOption())
    .option("--json", "print the findings as JSON")
    .addHelpText(
      "after",
      "\nExamples:\n  npm run metal -- check\n  npm run metal -- check --stack capi-1 --json",
    )
    .action((options: CheckOptions) => terminal.end(check(terminal, options)));
}

function check(terminal: Terminal, options: CheckOptions): ExitCode {
  const name = chosenStack(terminal, options.stack);
  const reading = readStackFile(terminal.directory, name);
  const findings = [...reading.findings, ...(reading.stack === undefined ? [] : checkStack(reading.stack))];
  terminal.out(
    options.json === true ? JSON.stringify({ stack: name, findings }, null, 2) : reportText(findings, name),
  );
  if (reading.stack === undefined) return exitCodes.couldNotTell;
  return findings.some(({ severity }) => severity === "error") ? exitCodes.findings : exitCodes.holds;
}
