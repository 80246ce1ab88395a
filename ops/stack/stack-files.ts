import fs from "node:fs";
import path from "node:path";
import { nearest } from "../../model/text/wording";

/** The stacks of a project, from the names of their files, sorted. */
export function stackNames(directory: string): readonly string[] {
  return fs
    .readdirSync(directory)
    .map((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1])
    .filter((name) => name !== undefined)
    .sort();
}

/** A stack that a command was asked for and that is not there, or none where several are. */
export class StackNotChosen extends Error {
  /** `ask`: several would do, and only a person can choose. */
  constructor(
    message: string,
    readonly reason: "unknown" | "ask",
  ) {
    super(message);
  }
}

/** The stack that was named, else $PULUMI_STACK, else the only one there is. Throws {@link StackNotChosen}. */
export function chooseStack(directory: string, asked: string | undefined, env: NodeJS.ProcessEnv): string {
  const names = stackNames(directory);
  const name = asked ?? env["PULUMI_STACK"];
  if (name === undefined) {
    const [only, ...others] = names;
    if (only === undefined) {
      throw new StackNotChosen(`there is no stack file Pulumi.<name>.yaml in ${directory}`, "unknown");
    }
    if (others.length > 0) throw new StackNotChosen(`say which stack: --stack ${names.join(" | ")}`, "ask");
    return only;
  }
  if (names.includes(name)) return name;
  const guess = nearest(name, names);
  const rest = names.filter((other) => other !== guess);
  const known = [...(guess === undefined ? [] : [`did you mean "${guess}"?`]), ...existing(rest, guess)];
  throw new StackNotChosen(`there is no stack "${name}"; ${known.join(" ")}`, "unknown");
}

function existing(names: readonly string[], guess: string | undefined): string[] {
  if (names.length === 0) return guess === undefined ? ["there is none at all"] : [];
  return [`${guess === undefined ? "stacks here" : "others"}: ${names.join(", ")}`];
}

/** The path of a stack's file. */
export function stackFileOf(directory: string, name: string): string {
  return path.join(directory, `Pulumi.${name}.yaml`);
}
