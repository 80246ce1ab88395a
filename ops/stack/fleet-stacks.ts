import type { FleetStack } from "../../model/fleet/fleet-stack";
import { readStackFile } from "./read-stack-file";
import { stackNames } from "./stack-files";

/** Every stack of a project whose file has the form of one, and the names of the others. */
export interface FleetReading {
  readonly stacks: readonly FleetStack[];
  readonly unreadable: readonly string[];
}

/** Reads every Pulumi.<name>.yaml of a project. Keeps the stacks and not their texts: a fleet has thousands. */
export function readFleet(directory: string): FleetReading {
  const read = stackNames(directory).map((name) => ({ name, stack: readStackFile(directory, name).stack }));
  return {
    stacks: read.flatMap(({ name, stack }) => (stack === undefined ? [] : [{ name, stack }])),
    unreadable: read.flatMap(({ name, stack }) => (stack === undefined ? [name] : [])),
  };
}
