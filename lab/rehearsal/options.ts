import { Command, Option } from "commander";
import { FAULTS } from "../faults";

/** What `npm run rehearse` was asked to do. */
export interface RehearsalOptions {
  readonly stack: string;
  readonly keep: boolean;
  readonly pace: "fast" | "realistic";
  readonly fault?: string;
  /** A second stack that comes and goes while the first lives. */
  readonly beside?: string;
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
    .option("--keep", "leave the cluster running afterwards, until Ctrl-C, and say how to look inside")
    .option("--fast", "servers take seconds (the default)")
    .option("--realistic", "servers take about a tenth of their real time")
    .addOption(
      new Option("--fault <name>", "break one thing on purpose").choices(FAULTS.map(({ name }) => name)),
    )
    .option("--beside <name>", "make and destroy a second stack in the same lab while the first lives")
    .option("--verbose", "show every line of the Pulumi engine, not only in its log file")
    .option("--json", "print the result as JSON on standard output; everything else goes to standard error")
    .addHelpText(
      "after",
      `\nFaults:\n${FAULTS.map(({ name, breaks }) => `  ${name.padEnd(30)} ${breaks}`).join("\n")}`,
    )
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
    .parse(argv);
  const given = command.opts<{
    stack: string;
    keep?: boolean;
    fast?: boolean;
    realistic?: boolean;
    fault?: string;
    beside?: string;
    json?: boolean;
    verbose?: boolean;
  }>();
  if (given.fast === true && given.realistic === true) command.error("say --fast or --realistic, not both");
  if (given.beside === given.stack) command.error("--beside needs another stack than --stack");
  if (given.beside !== undefined && given.keep === true) command.error("say --keep or --beside, not both");
  return {
    stack: given.stack,
    keep: given.keep === true,
    pace: given.realistic === true ? "realistic" : "fast",
    ...(given.fault === undefined ? {} : { fault: given.fault }),
    ...(given.beside === undefined ? {} : { beside: given.beside }),
    json: given.json === true,
    verbose: given.verbose === true,
  };
}
