import path from "node:path";
import { operations } from "./operations";
import { LEAVING } from "./operations/leaving";
import { scenarioTests } from "./scenarios";

const program = (...args: string[]) => [
  process.execPath,
  "--import",
  "tsx",
  path.join(__dirname, "operations", "run.ts"),
  ...args,
];

/** All operations share one start of the lab and one cluster, with the real engine and the real controllers. */
scenarioTests("operating a cluster for years", Object.keys(operations()), 2700, () => program());

/** Their ends spoil a cluster for anything else, so they have two small ones of their own. */
scenarioTests("ends of a cluster", Object.keys(LEAVING), 900, () => program("leaving"));
