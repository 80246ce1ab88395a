import { Command, Option } from "commander";
import { stackOption } from "./options";
import type { GateOptions } from "./gate-action";
import type { Terminal } from "./terminal";

/** `gate`: whether a deployment of the checked out commit needs an approval. Changes nothing. */
export function gateCommand(terminal: Terminal): Command {
  return new Command("gate")
    .description(
      "assess a deployment against the last successful one, and block a high risk without approval",
    )
    .addOption(stackOption())
    .option("--approved <against>", "the comparison that was approved: .against of an earlier --format json")
    .addOption(
      new Option("--format <format>", "output format; default: terminal").choices([
        "terminal",
        "markdown",
        "json",
      ]),
    )
    .addHelpText(
      "after",
      "\nThe base is the last commit that was deployed successfully, from the history that Pulumi keeps with the stack,\n" +
        "and every commit whose update failed since. What cannot be determined (an update without a commit or with uncommitted\n" +
        "files, an interrupted one, a commit that is not in this clone) counts as high.\n" +
        "Needs the Pulumi CLI and access to the backend; no passphrase and no cluster.\n" +
        "Exit 0: the deployment may proceed. 1: an approval for this comparison is required.\n" +
        "2: it could not be assessed.\n" +
        "\nExamples:\n  npm run metal -- gate --stack capi-1\n" +
        "  npm run --silent metal -- gate --stack capi-1 --format json | jq .needsApproval",
    )
    .action(async (options: GateOptions) => {
      const { gateAction } = await import("./gate-action.js");
      terminal.end(await gateAction(terminal, options));
    });
}
