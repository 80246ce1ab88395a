import { Command } from "commander";
import { type ReportOptions, formatOption, jsonOption } from "./report-option";
import { stackOption } from "./stack-option";
import type { Terminal } from "./terminal";

/** What the command line of `destroy-plan` says. */
export interface DestroyPlanOptions extends ReportOptions {
  readonly stack?: string;
}

/** `destroy-plan`: what `pulumi destroy` would do to the servers, and what would hold it up. */
export function destroyPlanCommand(terminal: Terminal): Command {
  return new Command("destroy-plan")
    .description(
      "list what pulumi destroy would wipe and power off, and what would hold it up; changes nothing",
    )
    .addOption(stackOption())
    .addOption(formatOption())
    .addOption(jsonOption())
    .addHelpText(
      "after",
      "\nExamples:\n  npm run metal -- destroy-plan --stack capi-1\n" +
        "  npm run metal -- destroy-plan --json    (exit 1 when something would hold the destroy up)",
    )
    .action(async (options: DestroyPlanOptions) => {
      const { destroyPlanAction } = await import("./teardown-actions.js");
      terminal.end(await destroyPlanAction(terminal, options));
    });
}
