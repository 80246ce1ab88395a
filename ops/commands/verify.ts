import { Command, Option } from "commander";
import { stackOption } from "./options";
import type { VerifyOptions } from "./verify-action";
import type { Terminal } from "./terminal";

/** `verify`: everything that holds on a healthy cluster, as named checks. Asks and changes nothing. */
export function verifyCommand(terminal: Terminal): Command {
  return new Command("verify")
    .description(
      "compare a running cluster with its stack: objects, nodes, Cilium, BGP, certificates; changes nothing",
    )
    .addOption(stackOption())
    .option("--json", "every verdict for machines")
    .option(
      "--connectivity",
      "then also run the tests of the Cilium CLI, which make pods of their own and remove them",
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
      "\nEnds with 0 when all holds, 1 for findings, 2 when something could not be told.\n" +
        "Examples:\n  npm run metal -- verify --stack capi-1\n  npm run metal -- verify --json\n" +
        "  npm run metal -- verify --connectivity --offline",
    )
    .action(async (options: VerifyOptions) => {
      const { verifyAction } = await import("./verify-action.js");
      terminal.end(await verifyAction(terminal, options));
    });
}
