import { Command, Option } from "commander";
import { routerCommand } from "../../model/live/bgp/router-state";
import { stackOption } from "./options";
import type { VerifyOptions } from "./bgp-verify";
import type { Terminal } from "./terminal";

/** `bgp`: commands for a running cluster's BGP. */
export function bgpCommand(terminal: Terminal): Command {
  const bgp = new Command("bgp")
    .description("BGP of a running cluster")
    .exitOverride()
    .configureOutput({ writeOut: (text) => terminal.out(text), writeErr: (text) => terminal.err(text) });
  bgp.addHelpText(
    "after",
    "\nExamples:\n  npm run metal -- bgp verify --stack capi-1\n  npm run metal -- bgp verify --help",
  );
  bgp
    .command("verify")
    .description("compare sessions and routes of both ends with the plan; changes nothing")
    .showSuggestionAfterError()
    .addOption(stackOption())
    .option("--router <name>", "the router whose output is given (default: the only router of the stack)")
    .addOption(
      new Option(
        "--router-output <file>",
        "FRR's output, in a file or - for standard input (see below)",
      ).conflicts("routerCommand"),
    )
    .option("--router-command <command>", "a command that prints FRR's output")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      `\nExamples:\n  npm run metal -- bgp verify --stack capi-1 --router-output answer.txt\n\nQuery the router with, for example:\n  ssh admin@192.168.254.1 -- "${routerCommand}"\n` +
        "Without the router's output only the cluster's side is compared.",
    )
    .action(async (options: VerifyOptions) => {
      const { verifyAction } = await import("./bgp-verify.js");
      terminal.end(await verifyAction(terminal, options));
    });
  return bgp;
}
