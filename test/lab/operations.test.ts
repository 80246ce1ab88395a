import path from "node:path";
import { operations } from "./operations";
import { scenarioTests } from "./scenarios";

/** All operations share one start of the lab and one cluster, with the real engine and the real controllers. */
scenarioTests("operating a cluster for years", Object.keys(operations()), 2700, () => [
  process.execPath,
  "--import",
  "tsx",
  path.join(__dirname, "operations", "run.ts"),
]);
