import { Command, CommanderError } from "commander";
import { visibleArgument } from "../../model/redaction/shown";
import { commands } from ".";
import { Refusal, type ExitCode, type Surroundings, type Terminal, exitCodes, terminalOf } from "./terminal";

/**
 * Runs one command line (without `node` and the script) and returns its exit code. Bad input, and a file, disk or cluster that
 * fails, become a message and an exit code; only a defect of this program throws.
 */
export async function runMetal(argv: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  let code: ExitCode = exitCodes.holds;
  const terminal = terminalOf(surroundings, (ended) => (code = ended));
  const program = programFor(terminal);
  try {
    await program.parseAsync(argv.map(visibleArgument), { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError)
      return error.exitCode === 0 ? exitCodes.holds : exitCodes.couldNotTell;
    if (error instanceof Refusal) {
      terminal.err(`error: ${error.message}\n`);
      return error.code;
    }
    const { failureText } = await import("./failure.js");
    const text = await failureText(error, terminal.directory);
    if (text === undefined) throw error;
    terminal.err(`error: ${text}\n`);
    return exitCodes.couldNotTell;
  }
}

function programFor(terminal: Terminal): Command {
  const program = new Command("npm run metal --")
    .description(
      "Checks, explains and operates the clusters of this project. Commands that change something say so.",
    )
    .addHelpText(
      "after",
      "\nExit codes: 0 all holds, 1 findings, 2 could not run or tell, 4 would have had to ask\n" +
        "Examples:\n  npm run metal -- check --stack capi-1\n  npm run metal -- check --help",
    );
  for (const command of commands) program.addCommand(command(terminal));
  for (const command of [program, ...program.commands]) {
    command
      .exitOverride()
      .configureOutput({ writeOut: (text) => terminal.out(text), writeErr: (text) => terminal.err(text) })
      .showSuggestionAfterError()
      .helpOption("-h, --help", "show this help");
  }
  return program;
}
