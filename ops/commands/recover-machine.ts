import { resources } from "../../model/kubernetes/resources";
import { livePlan } from "../../model/live/live-plan";
import { observationOf } from "../../model/live/observation";
import { type Snapshot, inManagement } from "../../model/live/snapshot";
import type { ClusterPlan } from "../../model/plan/plan";
import { assess } from "../../model/live/readiness/assess";
import type { Missing } from "../../model/live/readiness/assessment";
import { decideMachine } from "../../model/live/recover/machine";
import { type MachineState, machineStates } from "../../model/live/recover/machine-state";
import { shownOnOneLine } from "../../model/redaction/shown";
import { StackClusters, queried } from "../live/clusters";
import { readSnapshot } from "../live/snapshot";
import { followReplacement } from "../recover/follow";
import { orphansRemoved } from "../recover/remediations";
import { agreed } from "./agreement";
import { chosenPlan } from "./chosen-plan";
import type { RecoverOptions } from "./recover";
import { RecoveryReport } from "./recover-report";
import { type ExitCode, type Terminal, exitCodes } from "./terminal";

/** Replaces a stuck machine: decides, asks, deletes the Machine alone, and follows until its replacement is Ready. */
export async function recoverMachine(
  terminal: Terminal,
  name: string,
  options: RecoverOptions,
): Promise<ExitCode> {
  const { plan } = chosenPlan(terminal, options.stack);
  const report = new RecoveryReport(terminal, plan, options.json === true);
  await using clusters = new StackClusters(plan, terminal.directory);
  const snapshot = await readSnapshot(plan, clusters);
  const decision = decideMachine(name, { plan, snapshot }, isComplete(plan, snapshot));
  if (decision.step === "untold") return report.untold(decision.why);
  if (decision.step === "refuse") return report.refused(decision.why);
  if (decision.step === "follow") {
    report.tell({ at: Date.now(), host: plan.name, phase: "recover", text: decision.words });
    return await follow(terminal, plan, report, clusters, options, snapshot);
  }
  if (!(await agreed(terminal, decision.consequences, options.yes === true))) {
    return report.end({ outcome: "declined" }, "nothing was changed", exitCodes.wouldHaveAsked);
  }
  await remove(plan, clusters, decision.machine);
  const host = decision.machine.host?.metadata.name ?? plan.name;
  report.tell({ at: Date.now(), host, phase: "recover", text: `Machine ${decision.machine.name} deleted` });
  return await follow(terminal, plan, report, clusters, options, snapshot, decision.machine);
}

function isComplete(plan: ClusterPlan, snapshot: Snapshot): boolean {
  return (
    assess(livePlan(plan, snapshot), observationOf(snapshot), snapshot.at, new Map()).missing.length === 0
  );
}

/** Deletes the Machine that was judged, and no other one that has taken its name since. */
async function remove(
  plan: ClusterPlan,
  clusters: StackClusters,
  { name, machine }: MachineState,
): Promise<void> {
  const management = await clusters.management();
  const { uid } = machine.metadata;
  await queried("the management cluster", () =>
    management.delete(resources.Machine, name, plan.namespace, "Background", uid),
  );
}

async function follow(
  terminal: Terminal,
  plan: ClusterPlan,
  report: RecoveryReport,
  clusters: StackClusters,
  options: RecoverOptions,
  before: Snapshot,
  machine?: MachineState,
): Promise<ExitCode> {
  const old = inManagement(before, "machines").map(({ metadata }) => metadata.uid);
  const going = (snapshot: Snapshot) =>
    machineStates(snapshot).some(
      (state) =>
        state.deleting ||
        (machine !== undefined && state.machine.metadata.uid === machine.machine.metadata.uid),
    );
  const followed = await followReplacement({
    plan,
    directory: terminal.directory,
    timeoutSeconds: (options.timeout ?? plan.timeouts.ready) * 60,
    tell: (event) => report.tell(event),
    isThere: going,
  });
  if (followed.outcome === "ready") {
    const replacements = inManagement(followed.snapshot, "machines")
      .filter(({ metadata }) => !old.includes(metadata.uid))
      .map(({ metadata }) => metadata.name);
    const words =
      replacements.length === 0 ? "nothing is missing any more" : `${replacements.join(", ")} is Ready`;
    const removed = await orphansRemoved(plan, clusters);
    return report.end(
      { outcome: "recovered", replacements, removed },
      [`recovered: ${words}`, ...removed].join("; "),
      exitCodes.holds,
    );
  }
  const { outcome, missing } = followed;
  return report.end({ outcome, missing }, lateText(outcome, missing), exitCodes.findings);
}

function lateText(outcome: "late" | "interrupted", missing: readonly Missing[]): string {
  const lines = missing.map(
    ({ who, what, cause }) =>
      `  ${shownOnOneLine(`${who} ${what}${cause === undefined ? "" : `: ${cause}`}`)}`,
  );
  return [
    `${outcome === "late" ? "not Ready in time" : "interrupted"}; the same command goes on from here`,
    ...lines,
  ].join("\n");
}
