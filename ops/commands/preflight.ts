import { Command, Option } from "commander";
import { formatOption, jsonOption, stackOption } from "./options";
import type { PreflightOptions } from "./preflight-action";
import type { Terminal } from "./terminal";

/** `preflight`: checks that need the live clusters. Changes nothing. */
export function preflightCommand(terminal: Terminal): Command {
  return new Command("preflight")
    .description(
      "check against the management cluster, and the network, whether this stack can be deployed; changes nothing",
    )
    .addOption(stackOption())
    .addOption(
      new Option(
        "--only <area...>",
        "only the checks of these areas (hosts), or these checks (hosts/selectable)",
      ),
    )
    .addOption(
      new Option("--network", "also check the image, its checksum and the routers, from this machine"),
    )
    .addOption(formatOption())
    .addOption(jsonOption())
    .addHelpText(
      "after",
      "\nExamples:\n  npm run metal -- preflight --stack capi-1\n  npm run metal -- preflight --only hosts providers\n" +
        "  npm run metal -- preflight --network --json",
    )
    .action(async (options: PreflightOptions) => {
      const { preflightAction } = await import("./preflight-action.js");
      terminal.end(await preflightAction(terminal, options));
    });
}
