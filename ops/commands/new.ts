import fs from "node:fs";
import { Command, InvalidArgumentError } from "commander";
import { NothingFree, newStackFile } from "../../model/fleet/new-stack";
import { planFleet } from "../../model/fleet/plan-fleet";
import { type Shape, shapedStackFile, shapes } from "../../model/fleet/shapes";
import type { Stack } from "../../model/stack/schema";
import { nearest } from "../../model/text/wording";
import { readFleet } from "../stack/read-stack-file";
import { stackFileOf } from "../stack/stack-files";
import { type Terminal, Refusal, answerTo } from "./terminal";
import { stackName } from "./options";
import { type ExitCode, exitCodes } from "../exit-codes";

interface NewOptions {
  readonly like?: string;
  readonly shape?: Shape;
  readonly controlPlanes?: number;
  readonly workers?: number;
}

/** `new NAME`: writes a stack file of a shape, or like another stack, from what is free in the fleet. */
export function newCommand(terminal: Terminal): Command {
  return new Command("new")
    .description(
      "write Pulumi.<name>.yaml for a new cluster, with free ranges and addresses; the file passes every check",
    )
    .argument("<name>", "name of the stack and of the cluster", stackName)
    .option(
      "--shape <shape>",
      "what the site looks like, see below; on a terminal it is asked for",
      shapeNamed,
    )
    .option(
      "--like <stack>",
      "copy management cluster, network, image and routers from this stack (default: the first); with --shape only management cluster and image",
    )
    .option(
      "--control-planes <n>",
      "number of control plane machines: 1, 3 or 5 (default: the shape's, else 3)",
      whole(1),
    )
    .option("--workers <n>", "number of workers (default: the shape's, else 1)", whole(0))
    .addHelpText(
      "after",
      `\nShapes:\n${shapeLines.join("\n")}\n` +
        "\nExamples:\n  npm run metal -- new rack-b\n  npm run metal -- new rack-b --like capi-1 --control-planes 3 --workers 10\n" +
        "  npm run metal -- new home --shape single-node\n  npm run metal -- new site-a --shape racks --workers 6",
    )
    .action(async (name: string, options: NewOptions) => terminal.end(await write(terminal, name, options)));
}

const shapeLines = shapes.map(({ name, what }) => `  ${name.padEnd(12)} ${what}`);

async function write(terminal: Terminal, name: string, options: NewOptions): Promise<ExitCode> {
  const file = stackFileOf(terminal.directory, name);
  const shown = `Pulumi.${name}.yaml`;
  if (fs.existsSync(file)) throw new Refusal(`${shown} already exists; choose another name, or edit it`);
  const { stacks } = readFleet(terminal.directory);
  const shape = options.shape ?? (await shapeAsked(terminal, options, stacks[0]?.name));
  const like =
    shape !== undefined && stacks.length === 0 && options.like === undefined
      ? undefined
      : stackLike(stacks, options.like);
  const { domains } = planFleet(stacks);
  const domain =
    domains.find((each) => each.name === like?.network.routingDomain) ?? planFleet([]).domains[0];
  const proposal = domain?.proposal ?? { nodeNetworks: [] };
  const { controlPlanes = shape?.controlPlanes ?? 3, workers = shape?.workers ?? 1 } = options;
  const text = orRefused(() => {
    if (shape !== undefined) return shapedStackFile(shape, { name, like, controlPlanes, workers, proposal });
    if (like === undefined) throw new NothingFree("there is no stack to copy from");
    return newStackFile({ name, like, controlPlanes, workers }, proposal);
  });
  fs.writeFileSync(file, text, { flag: "wx" });
  const endpoint =
    shape === undefined ? proposal.nodes?.endpoint : `in ${proposal.nodeNetworks[0] ?? "a free network"}`;
  const from = shape === undefined ? `like ${like?.name ?? ""}` : `shape ${shape.name}`;
  terminal.out(
    [
      `wrote ${shown}, ${from}: pods ${proposal.pods ?? "?"}, endpoint ${endpoint ?? "?"}`,
      "",
      `1. edit ${shown}: replace what is marked "yours" (MAC and BMC addresses, serial numbers, the login)`,
      `2. npm run metal -- check --stack ${name}`,
      `3. npm run rehearse -- --stack ${name}`,
      `4. pulumi stack init ${name}, pulumi preview, pulumi up`,
    ].join("\n"),
  );
  return exitCodes.holds;
}

/** The shape that the operator chooses on a terminal; undefined for a copy of an existing stack. */
async function shapeAsked(
  terminal: Terminal,
  { like }: NewOptions,
  first: string | undefined,
): Promise<Shape | undefined> {
  if (!terminal.interactive || like !== undefined) return undefined;
  const copy = first === undefined ? "" : `  (empty)         like ${first}, in its network\n`;
  terminal.err(`Which shape?\n${shapeLines.map((line, i) => `  ${i + 1}${line}\n`).join("")}${copy}`);
  for (;;) {
    const answer = await answerTo(terminal, "Shape (number or name): ");
    if (answer === "") return undefined;
    const numbered = shapes[Number(answer) - 1];
    if (numbered !== undefined) return numbered;
    const named = shapes.find(({ name }) => name === answer);
    if (named !== undefined) return named;
    terminal.err(`${unknownShape(answer)}\n`);
  }
}

function shapeNamed(text: string): Shape {
  const shape = shapes.find(({ name }) => name === text);
  if (shape === undefined) throw new InvalidArgumentError(unknownShape(text));
  return shape;
}

function unknownShape(text: string): string {
  const names = shapes.map(({ name }) => name);
  const guess = nearest(text, names);
  return `there is no shape "${text}"; ${guess === undefined ? `there are ${names.join(", ")}` : `did you mean "${guess}"?`}`;
}

function stackLike(stacks: readonly { name: string; stack: Stack }[], requested: string | undefined): Stack {
  const [first] = stacks;
  if (first === undefined)
    throw new Refusal("there is no stack to copy from; start with --shape, such as --shape workers");
  if (requested === undefined) return first.stack;
  const found = stacks.find(({ name }) => name === requested);
  if (found !== undefined) return found.stack;
  const names = stacks.map(({ name }) => name);
  const guess = nearest(requested, names);
  throw new Refusal(
    `there is no readable stack "${requested}"; ${guess === undefined ? `there are ${names.join(", ")}` : `did you mean "${guess}"?`}`,
  );
}

function orRefused(make: () => string): string {
  try {
    return make();
  } catch (error) {
    if (error instanceof NothingFree) throw new Refusal(error.message, exitCodes.findings);
    throw error;
  }
}

function whole(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= least && value <= 1000) return value;
    throw new InvalidArgumentError(`write a whole number from ${least} to 1000`);
  };
}
