import fs from "node:fs";
import { Command, InvalidArgumentError } from "commander";
import { NothingFree, newStackFile } from "../../model/fleet/new-stack";
import { planFleet } from "../../model/fleet/plan-fleet";
import type { Stack } from "../../model/stack/schema";
import { nearest } from "../../model/text/wording";
import { readFleet } from "../stack/read-stack-file";
import { stackFileOf } from "../stack/stack-files";
import { type Terminal, Refusal } from "./terminal";
import { type ExitCode, exitCodes } from "../exit-codes";

interface NewOptions {
  readonly like?: string;
  readonly controlPlanes: number;
  readonly workers: number;
}

/** `new NAME`: writes a stack file from what is free in the fleet. */
export function newCommand(terminal: Terminal): Command {
  return new Command("new")
    .description(
      "write Pulumi.<name>.yaml for a new cluster, with free ranges and addresses; the file passes every check",
    )
    .argument("<name>", "name of the stack and of the cluster", stackName)
    .option(
      "--like <stack>",
      "copy management cluster, network, image and routers from this stack (default: the first)",
    )
    .option("--control-planes <n>", "number of control plane machines: 1, 3 or 5", whole(1), 3)
    .option("--workers <n>", "number of workers", whole(0), 1)
    .addHelpText(
      "after",
      "\nExamples:\n  npm run metal -- new rack-b\n  npm run metal -- new rack-b --like capi-1 --control-planes 3 --workers 10",
    )
    .action((name: string, options: NewOptions) => terminal.end(write(terminal, name, options)));
}

function write(terminal: Terminal, name: string, options: NewOptions): ExitCode {
  const file = stackFileOf(terminal.directory, name);
  const shown = `Pulumi.${name}.yaml`;
  if (fs.existsSync(file)) throw new Refusal(`${shown} already exists; choose another name, or edit it`);
  const { stacks } = readFleet(terminal.directory);
  const like = stackLike(stacks, options.like);
  const domain = planFleet(stacks).domains.find((each) => each.name === like.network.routingDomain);
  const proposal = domain?.proposal ?? planFleet([]).domains[0]?.proposal ?? {};
  const { controlPlanes, workers } = options;
  const text = textOf({ name, like, controlPlanes, workers }, proposal);
  fs.writeFileSync(file, text, { flag: "wx" });
  terminal.out(
    [
      `wrote ${shown}, like ${like.name}: pods ${proposal.pods ?? "?"}, endpoint ${proposal.nodes?.endpoint ?? "?"}`,
      "",
      `1. edit ${shown}: replace what is marked "yours" (MAC and BMC addresses, serial numbers, the login)`,
      `2. npm run metal -- check --stack ${name}`,
      `3. npm run rehearse -- --stack ${name}`,
      `4. pulumi stack init ${name}, pulumi preview, pulumi up`,
    ].join("\n"),
  );
  return exitCodes.holds;
}

function stackLike(stacks: readonly { name: string; stack: Stack }[], requested: string | undefined): Stack {
  const [first] = stacks;
  if (first === undefined) throw new Refusal("there is no stack to copy from; start with Pulumi.capi-1.yaml");
  if (requested === undefined) return first.stack;
  const found = stacks.find(({ name }) => name === requested);
  if (found !== undefined) return found.stack;
  const names = stacks.map(({ name }) => name);
  const guess = nearest(requested, names);
  throw new Refusal(
    `there is no readable stack "${requested}"; ${guess === undefined ? `there are ${names.join(", ")}` : `did you mean "${guess}"?`}`,
  );
}

function textOf(...[wanted, proposal]: Parameters<typeof newStackFile>): string {
  try {
    return newStackFile(wanted, proposal);
  } catch (error) {
    if (error instanceof NothingFree) throw new Refusal(error.message, exitCodes.findings);
    throw error;
  }
}

function stackName(text: string): string {
  if (/^[a-z0-9]([-a-z0-9]{0,30}[a-z0-9])?$/.test(text)) return text;
  throw new InvalidArgumentError("use at most 32 lower-case letters, digits and dashes, such as rack-b");
}

function whole(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= least && value <= 1000) return value;
    throw new InvalidArgumentError(`write a whole number from ${least} to 1000`);
  };
}
