import fs from "node:fs";
import path from "node:path";
import { type Diagnosis, diagnose } from "../../model/live/diagnosis/diagnose";
import { diagnosisLines } from "../../model/live/diagnosis/lines";
import type { Snapshot } from "../../model/live/snapshot";
import type { ClusterPlan } from "../../model/plan/plan";
import { shownField } from "../../model/redaction/objects";
import { plain } from "../../model/findings/formats";
import { statusLines } from "../../model/live/status/lines";
import { statusTree } from "../../model/live/status/tree";
import { bundleOf } from "../bundle/bundle";
import { KubeconfigError } from "../kubernetes/kubeconfig";
import { StackClusters } from "../live/clusters";
import { withAgentLogs } from "../live/agent-notifications";
import { readSnapshot } from "../live/snapshot";
import { chosenPlan } from "./chosen-plan";
import type { DiagnoseOptions } from "./diagnose";
import { type ExitCode, Refusal, type Terminal, exitCodes } from "./terminal";

/** Reads both clusters, names the first cause, and packs what was read where that is wanted. Returns the exit code. */
export async function diagnoseAction(terminal: Terminal, options: DiagnoseOptions): Promise<ExitCode> {
  const { plan } = chosenPlan(terminal, options.stack);
  const file = options.bundle === undefined ? undefined : path.resolve(terminal.directory, options.bundle);
  if (file !== undefined && fs.existsSync(file)) {
    throw new Refusal(`--bundle ${options.bundle ?? ""} is there already; choose another name`);
  }
  await using clusters = new StackClusters(plan, terminal.directory);
  await refuseUnusable(clusters);
  const read = await readSnapshot(plan, clusters, () => terminal.now().getTime());
  const snapshot = await withAgentLogs(read, clusters);
  const found = diagnose(plan, snapshot, terminal.now().getTime());
  if (options.json === true) terminal.json(found, 2);
  else terminal.out(diagnosisLines(found, terminal.paint).join("\n"));
  if (file !== undefined) await writeBundle(terminal, file, plan, snapshot, found, clusters);
  return exitCodeOf(found);
}

/** A kubeconfig that cannot be used is a matter of this machine: nothing is said about the cluster then. */
async function refuseUnusable(clusters: StackClusters): Promise<void> {
  await clusters.management().catch((error: Error) => {
    if (error.cause instanceof KubeconfigError) throw new Refusal(error.message);
  });
}

function exitCodeOf({ verdict }: Diagnosis): ExitCode {
  if (verdict === "healthy") return exitCodes.holds;
  return verdict === "unknown" ? exitCodes.couldNotTell : exitCodes.findings;
}

async function writeBundle(
  terminal: Terminal,
  file: string,
  plan: ClusterPlan,
  snapshot: Snapshot,
  found: Diagnosis,
  clusters: StackClusters,
): Promise<void> {
  const now = terminal.now();
  const style = { drawn: false, paint: plain, width: Infinity };
  const status = statusLines(statusTree(plan, snapshot, now.getTime()), now.getTime(), style);
  const texts = [
    { name: "diagnosis.txt", text: diagnosisLines(found, plain).join("\n") },
    { name: "diagnosis.json", text: JSON.stringify(shownField("", found), undefined, 2) },
    { name: "status.txt", text: status.join("\n") },
  ];
  const { bytes, files, notes } = await bundleOf({
    snapshot,
    clusters,
    texts,
    directory: terminal.directory,
    now,
  });
  fs.writeFileSync(file, bytes, { mode: 0o600, flag: "wx" });
  const size = `${Math.ceil(bytes.length / 1024)} KiB`;
  terminal.err(
    `wrote ${file}: ${files} files, ${size}, secrets left out${notes.length === 0 ? "" : `; ${notes.length} notes in its README.txt`}\n`,
  );
}
