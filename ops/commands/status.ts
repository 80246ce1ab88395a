import { Command, InvalidArgumentError } from "commander";
import { stackOption } from "./options";
import type { StatusOptions } from "./status-action";
import type { Terminal } from "./terminal";

/** `status`: a running cluster as a tree, from the hosts to the sessions. Changes nothing. */
export function statusCommand(terminal: Terminal): Command {
  return new Command("status")
    .description("show hosts, machines, nodes, Cilium, resource set and BGP of a cluster; changes nothing")
    .addOption(stackOption())
    .option("--json", "print the tree as JSON; with --watch one line for each change")
    .option("--watch", "follow changes: redrawn on a terminal, one line for each change elsewhere")
    .option("--for <seconds>", "with --watch: end after this many seconds", seconds)
    .addHelpText(
      "after",
      "\nExits with 0 when the cluster is ready, 1 when it is not, 2 when that cannot be determined.\n" +
        "Examples:\n  npm run metal -- status --stack capi-1\n  npm run metal -- status --watch\n" +
        "  npm run metal -- status --json",
    )
    .action(async (options: StatusOptions) => {
      const { statusAction } = await import("./status-action.js");
      terminal.end(await statusAction(terminal, options));
    });
}

function seconds(text: string): number {
  const value = Number(text);
  if (value > 0 && value <= 86_400) return value;
  throw new InvalidArgumentError("write a number of seconds up to 86400");
}
