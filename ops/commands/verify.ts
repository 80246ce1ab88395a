import { Command, Option } from "commander";
import { stackOption } from "./options";
import type { VerifyOptions } from "./verify-action";
import type { Terminal } from "./terminal";

/** `verify`: everything that holds on a healthy cluster, as named checks. Changes nothing. */
export function verifyCommand(terminal: Terminal): Command {
  return new Command("verify")
    .description(
      "compare a running cluster with its stack: objects, nodes, Cilium, BGP, certificates; changes nothing",
    )
    .addOption(stackOption())
    .option("--json", "every result as JSON")
    .option(
      "--connectivity",
      "then also run the tests of the Cilium CLI, which create pods and remove them again",
    )
    .option("--offline", "with --connectivity: leave out what needs the internet")
    .option(
      "--curl-image <image>",
      "with --connectivity: the clients' image, where the usual registry is out of reach",
    )
    .option("--test <pattern...>", "with --connectivity: only these tests, as the Cilium CLI spells them")
    .addOption(
      new Option("--timeout <duration>", "with --connectivity: how long Cilium may take to be ready").default(
        "5m",
      ),
    )
    .addHelpText(
      "after",
      "\nExits with 0 when all checks hold, 1 for findings, 2 when a check could not be decided.\n" +
        "Examples:\n  npm run metal -- verify --stack capi-1\n  npm run metal -- verify --json\n" +
        "  npm run metal -- verify --connectivity --offline",
    )
    .action(async (options: VerifyOptions) => {
      const { verifyAction } = await import("./verify-action.js");
      terminal.end(await verifyAction(terminal, options));
    });
}
