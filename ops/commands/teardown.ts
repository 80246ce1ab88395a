import { Argument, Command, Option } from "commander";
import { formatOption, jsonOption, stackOption } from "./options";
import type { DestroyPlanOptions, DetachOptions } from "./teardown-actions";
import type { Terminal } from "./terminal";

/** `destroy-plan`: what `pulumi destroy` would do to the servers, and what would block it. */
export function destroyPlanCommand(terminal: Terminal): Command {
  return new Command("destroy-plan")
    .description(
      "list what pulumi destroy would wipe and power off, and what would block it; changes nothing",
    )
    .addOption(stackOption())
    .addOption(formatOption())
    .addOption(jsonOption())
    .addHelpText(
      "after",
      "\nExamples:\n  npm run metal -- destroy-plan --stack capi-1\n" +
        "  npm run metal -- destroy-plan --json    (exit 1 when something would block the destroy)",
    )
    .action(async (options: DestroyPlanOptions) => {
      const { destroyPlanAction } = await import("./teardown-actions.js");
      terminal.end(await destroyPlanAction(terminal, options));
    });
}

/** `detach`: detaches servers without wiping them or powering them off. */
export function detachCommand(terminal: Terminal): Command {
  return new Command("detach")
    .description(
      "detach hosts without wiping or powering them off: free hosts, hosts that block a destroy, or the whole cluster",
    )
    .addArgument(new Argument("[host...]", "hosts that are free, or whose cluster is being deleted"))
    .addOption(stackOption())
    .addOption(new Option("--all", "every host, and the Cluster: its nodes keep running unmanaged"))
    .addOption(new Option("--yes", "proceed; without it, only print what would be done"))
    .addOption(new Option("--timeout <seconds>", "for each host").default("300"))
    .addHelpText(
      "after",
      "\nExamples:\n  npm run metal -- detach capi-1-w-1 --stack capi-1 --yes    (its BMC hangs in a destroy)\n" +
        "  npm run metal -- detach --all --stack capi-1 --yes    (then pulumi destroy removes the rest)",
    )
    .action(async (hosts: readonly string[], options: DetachOptions) => {
      const { detachAction } = await import("./teardown-actions.js");
      terminal.end(await detachAction(terminal, hosts, options));
    });
}
