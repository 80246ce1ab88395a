import type { ClusterPlan } from "../../model/plan/plan";
import type { Snapshot } from "../../model/live/snapshot";
import { statusLines } from "../../model/live/status/lines";
import { statusTree } from "../../model/live/status/tree";
import { StackClusters } from "../live/clusters";
import { readSnapshot } from "../live/snapshot";
import { chosenPlan } from "./chosen-plan";
import type { StatusOptions } from "./status";
import { exitCodeOf, styleOf } from "./status-view";
import { watchStatus } from "./status-watch";
import type { ExitCode, Terminal } from "./terminal";

/** Reads both clusters once, or follows them, and prints the tree. Returns the exit code. */
export async function statusAction(terminal: Terminal, options: StatusOptions): Promise<ExitCode> {
  const { plan } = chosenPlan(terminal, options.stack);
  if (options.watch === true) return watchStatus(terminal, plan, options);
  const snapshot = await snapshotOf(terminal, plan);
  const now = terminal.now().getTime();
  const tree = statusTree(plan, snapshot, now);
  if (options.json === true) terminal.json(tree, 2);
  else terminal.out(statusLines(tree, now, styleOf(terminal)).join("\n"));
  return exitCodeOf(tree);
}

/** Everything of the stack, read once. */
async function snapshotOf(terminal: Terminal, plan: ClusterPlan): Promise<Snapshot> {
  await using clusters = new StackClusters(plan, terminal.directory);
  return await readSnapshot(plan, clusters, () => terminal.now().getTime());
}
