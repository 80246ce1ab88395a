import type { ClusterPlan } from "../../model/plan/plan";
import type { Snapshot } from "../../model/live/snapshot";
import { plain } from "../../model/report/formats";
import { type Style, statusLines } from "../../model/status/lines";
import type { StatusTree } from "../../model/status/item";
import { statusTree } from "../../model/status/tree";
import { StackClusters } from "../live/clusters";
import { readSnapshot } from "../live/snapshot";
import { chosenPlan } from "./chosen-plan";
import { colours } from "./report-option";
import type { StatusOptions } from "./status";
import { watchStatus } from "./status-watch";
import { type ExitCode, type Terminal, exitCodes } from "./terminal";

/** Reads both clusters once, or follows them, and prints the tree. Returns the exit code. */
export async function statusAction(terminal: Terminal, options: StatusOptions): Promise<ExitCode> {
  const { plan } = chosenPlan(terminal, options.stack);
  if (options.watch === true) return watchStatus(terminal, plan, options);
  const snapshot = await snapshotOf(terminal, plan);
  const now = terminal.now().getTime();
  const tree = statusTree(plan, snapshot, now);
  terminal.out(
    options.json === true
      ? JSON.stringify(tree, undefined, 2)
      : statusLines(tree, now, styleOf(terminal)).join("\n"),
  );
  return exitCodeOf(tree);
}

/** Everything of the stack, read once. */
export async function snapshotOf(terminal: Terminal, plan: ClusterPlan): Promise<Snapshot> {
  const clusters = new StackClusters(plan, terminal.directory);
  try {
    return await readSnapshot(plan, clusters, () => terminal.now().getTime());
  } finally {
    await clusters.close();
  }
}

/** Signs and colours on a terminal, words elsewhere. */
export function styleOf({ interactive, colours: coloured }: Terminal): Style {
  return {
    drawn: interactive,
    paint: coloured ? colours : plain,
    width: interactive ? (process.stdout.columns ?? 120) : Infinity,
  };
}

/** 0 ready, 1 not ready, 2 cannot tell. */
export function exitCodeOf({ verdict }: StatusTree): ExitCode {
  if (verdict === "ready") return exitCodes.holds;
  return verdict === "not ready" ? exitCodes.findings : exitCodes.couldNotTell;
}
