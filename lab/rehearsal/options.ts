import { Command, Option } from "commander";
import { faults } from "../faults";
import { exitCodes } from "../../ops/exit-codes";
import { defined } from "../../model/kubernetes/object";
import { readStackFile } from "./workspace";

/** The options of `npm run rehearse`. */
export interface RehearsalOptions {
  readonly stack: string;
  readonly keep: boolean;
  readonly cilium: "simulated" | "real";
  /** The version of Cilium with which the cluster is made; the stack's own follows under traffic. */
  readonly upgradeFrom?: string;
  readonly pace: "fast" | "realistic";
  readonly fault?: string;
  /** A second stack that comes and goes while the first lives. */
  readonly secondStack?: string;
  readonly json: boolean;
  /** Shows every line of the engine; else they are in its log only. */
  readonly verbose: boolean;
}

/** Reads the command line; prints help or a usage error and exits with 2 by itself. */
export function readOptions(argv: readonly string[]): RehearsalOptions {
  const command = new Command("rehearse")
    .description(
      "run the program on a stack file without hardware: preview, up, verify, second up, destroy, proof",
    )
    .option("--stack <name>", "which stack file: Pulumi.<name>.yaml", "capi-1")
    .option("--keep", "leave the cluster running until Ctrl-C, and print the commands to inspect it")
    .addOption(
      new Option("--cilium <kind>", "real: nodes are namespaces, with Cilium's own programs (root, clang 19)")
        .choices(["simulated", "real"])
        .default("simulated"),
    )
    .option(
      "--upgrade-from <version>",
      "make the cluster with this version of Cilium, then upgrade to the stack's under traffic (--cilium real)",
    )
    .option("--fast", "servers take seconds (the default)")
    .option("--realistic", "servers take about a tenth of their real time")
    .addOption(new Option("--fault <name>", "inject a fault").choices(faults.map(({ name }) => name)))
    .option("--beside <name>", "create and destroy a second stack in the same lab while the first exists")
    .option("--verbose", "show every line of the Pulumi engine, not only in its log file")
    .option("--json", "print the result as JSON on standard output; everything else goes to standard error")
    .addHelpText(
      "after",
      `\nFaults:\n${faults.map(({ name, breaks }) => `  ${name.padEnd(30)} ${breaks}`).join("\n")}`,
    )
    .exitOverride((error) => process.exit(error.exitCode === 0 ? exitCodes.holds : exitCodes.undecided))
    .parse(argv);
  const given = command.opts<{
    stack: string;
    cilium: "simulated" | "real";
    upgradeFrom?: string;
    keep?: boolean;
    fast?: boolean;
    realistic?: boolean;
    fault?: string;
    beside?: string;
    json?: boolean;
    verbose?: boolean;
  }>();
  if (given.fast === true && given.realistic === true)
    command.error("--fast and --realistic exclude each other; pass one of them");
  const fault = faults.find(({ name }) => name === given.fault);
  if (fault?.needsRealCilium === true && given.cilium !== "real")
    command.error(`the fault ${fault.name} needs Cilium's own programs; add --cilium real`);
  const racks = () => readStackFile(given.stack).facts.nodeNetworks.length;
  if (fault?.during === "traffic" && fault.needsRacks === true && racks() < 2)
    command.error(`the fault ${fault.name} needs nodes in several networks; add --stack racks`);
  if (given.upgradeFrom !== undefined && given.cilium !== "real")
    command.error("--upgrade-from sends traffic through real agents; add --cilium real");
  if (given.beside === given.stack)
    command.error("--beside and --stack name the same stack; pass another one to --beside");
  if (given.beside !== undefined && given.keep === true)
    command.error("--keep and --beside exclude each other; pass one of them");
  return {
    stack: given.stack,
    cilium: given.cilium,
    keep: given.keep === true,
    pace: given.realistic === true ? "realistic" : "fast",
    ...defined({ fault: given.fault, secondStack: given.beside, upgradeFrom: given.upgradeFrom }),
    json: given.json === true,
    verbose: given.verbose === true,
  };
}
