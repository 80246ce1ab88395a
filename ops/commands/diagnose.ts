import { Command } from "commander";
import { stackOption } from "./options";
import type { DiagnoseOptions } from "./diagnose-action";
import type { Terminal } from "./terminal";

/** `diagnose`: why a cluster is not ready. Changes nothing. */
export function diagnoseCommand(terminal: Terminal): Command {
  return new Command("diagnose")
    .description(
      "show why a cluster is not ready: the first cause, its evidence, the next command; changes nothing",
    )
    .addOption(stackOption())
    .option("--json", "print JSON")
    .option("--bundle <file>", "also write objects, events and logs, without secrets, to this .tar.gz")
    .addHelpText(
      "after",
      "\nExits with 0 when the cluster is ready, 1 when it is not, 2 when that cannot be determined.\n" +
        "Examples:\n  npm run metal -- diagnose --stack capi-1\n  npm run metal -- diagnose --bundle capi-1.tar.gz\n" +
        "  npm run metal -- explain hosts/none-matches    (the page of a cause)",
    )
    .action(async (options: DiagnoseOptions) => {
      const { diagnoseAction } = await import("./diagnose-action.js");
      terminal.end(await diagnoseAction(terminal, options));
    });
}
