import { Command, Option } from "commander";
import { routerCommand } from "../../model/live/bgp/router-state";
import { stackOption } from "./options";
import type { VerifyOptions } from "./bgp-verify";
import type { Terminal } from "./terminal";

/** `bgp`: what concerns a running cluster's BGP. */
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
    .option("--router <name>", "whose answer is given; the only router of the stack when left out")
    .addOption(
      new Option("--router-output <file>", "what FRR answered, in a file or - (see below)").conflicts(
        "routerCommand",
      ),
    )
    .option("--router-command <command>", "a command that prints FRR's answers")
    .option("--json", "for machines")
    .addHelpText(
      "after",
      `\nExamples:\n  npm run metal -- bgp verify --stack capi-1 --router-output answer.txt\n\nThe router is asked with, for example:\n  ssh admin@192.168.254.1 -- "${routerCommand}"\n` +
        "Without the router's answer only the cluster's end is compared.",
    )
    .action(async (options: VerifyOptions) => {
      const { verifyAction } = await import("./bgp-verify.js");
      terminal.end(await verifyAction(terminal, options));
    });
  return bgp;
}
