import { Command, InvalidArgumentError } from "commander";
import { stackOption } from "./options";
import type { RecoverOptions } from "./recover-action";
import type { Terminal } from "./terminal";

const common = (command: Command) =>
  command
    .showSuggestionAfterError()
    .addOption(stackOption())
    .option("--yes", "proceed without confirmation")
    .option("--json", "print one line of JSON for each event; the last one is the outcome");

/** `recover`: the two repairs that are safe to make manually, with their preconditions. */
export function recoverCommand(terminal: Terminal): Command {
  const recover = new Command("recover")
    .description("replace a stuck machine, or release a host; refused where that is unsafe")
    .exitOverride()
    .configureOutput({ writeOut: (text) => terminal.out(text), writeErr: (text) => terminal.err(text) })
    .addHelpText(
      "after",
      "\nExits with 0 when it is done, 1 when it is refused or exceeds its deadline, 2 when the state cannot be determined, 4 without --yes.\n" +
        "Examples:\n  npm run metal -- recover machine capi-1-2x7kq --stack capi-1\n  npm run metal -- recover host capi-1-w-1 --yes",
    );
  common(recover.command("machine"))
    .description("delete a stuck Machine, which wipes its host, and follow its replacement until it is Ready")
    .argument("<name>", "name of the Machine, its node or its host")
    .option("--timeout <minutes>", "how long to follow it (default: timeouts.ready of the stack)", minutes)
    .addHelpText(
      "after",
      "\nDeletes only the Machine. After an interruption or a timeout, run the same command to continue.\n" +
        "Examples:\n  npm run metal -- recover machine capi-1-2x7kq\n  npm run metal -- recover machine capi-1-cp-2 --yes --json",
    )
    .action(async (name: string, options: RecoverOptions) => {
      const { recoverMachine } = await import("./recover-action.js");
      terminal.end(await recoverMachine(terminal, name, options));
    });
  common(recover.command("host"))
    .description("remove the mark of a failed remediation, or the claim of a deleted machine, from a host")
    .argument("<name>", "name of the host in the stack file")
    .addHelpText(
      "after",
      "\nExamples:\n  npm run metal -- recover host capi-1-w-1\n  npm run metal -- recover host capi-1-w-1 --yes",
    )
    .action(async (name: string, options: RecoverOptions) => {
      const { recoverHost } = await import("./recover-action.js");
      terminal.end(await recoverHost(terminal, name, options));
    });
  return recover;
}

function minutes(text: string): number {
  const value = Number(text);
  if (value > 0 && value <= 1440) return value;
  throw new InvalidArgumentError("write a number of minutes up to 1440");
}
