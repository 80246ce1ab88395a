import { findingText } from "../../model/findings/finding";
import { resources } from "../../model/kubernetes/resources";
import { assess, livePlan } from "../../model/live/readiness/assess";
import { type Snapshot, inManagement } from "../../model/live/snapshot";
import type { Missing } from "../../model/live/readiness/assessment";
import { type WaitEvent, columnsFor, eventLines } from "../../model/live/readiness/event";
import { decideHost } from "../../model/live/recover/host";
import { type MachineState, machineStates } from "../../model/live/recover/machine-rules";
import { decideMachine } from "../../model/live/recover/machine";
import type { Refused } from "../../model/live/recover/rule";
import type { ClusterPlan } from "../../model/plan/plan";
import { plainText, shownOnOneLine } from "../../model/redaction/shown";
import { chosenPlan } from "./options";
import { type Terminal, Refusal, confirm } from "./terminal";
import { type ExitCode, exitCodes } from "../exit-codes";
import { ApiError } from "../kubernetes/api";
import { StackClusters, queried } from "../live/clusters";
import { readSnapshot } from "../live/snapshot";
import { followReplacement } from "../recover/follow";
import { orphansRemoved } from "../recover/remediations";

/** Options of `recover`. */
export interface RecoverOptions {
  readonly stack?: string;
  readonly json?: true;
  readonly yes?: true;
  readonly timeout?: number;
}

/** How a recovery ended, as the last line of `--json`. */
export interface Outcome {
  readonly outcome: "recovered" | "refused" | "late" | "interrupted" | "declined";
  readonly [more: string]: unknown;
}

/** Reports the steps of a recovery: lines on standard error, or JSON lines on standard output. */
export class RecoveryReport {
  private readonly startedAt = Date.now();

  constructor(
    private readonly terminal: Terminal,
    private readonly plan: ClusterPlan,
    private readonly json: boolean,
  ) {}

  /** One thing that happened. */
  event(event: WaitEvent): void {
    if (this.json) {
      const { at, ...rest } = event;
      this.terminal.json({ time: new Date(at).toISOString(), ...rest, text: plainText(rest.text) });
      return;
    }
    const columns = columnsFor([this.plan.name, ...this.plan.readiness.hosts.map(({ name }) => name)]);
    this.terminal.err(`${eventLines(event, this.startedAt, columns).join("\n")}\n`);
  }

  /** The rules that refuse the recovery, each with a fix; nothing was changed. */
  refused(why: readonly Refused[]): ExitCode {
    const findings = why.map((one) => ({ severity: "error" as const, ...one }));
    if (this.json) return this.end({ outcome: "refused", findings }, "", exitCodes.findings);
    this.terminal.out(`${findings.map(findingText).join("\n")}\nrefused, nothing was changed`);
    return exitCodes.findings;
  }

  /** The state is unknown, so nothing is changed. */
  undecided(why: string): never {
    throw new Refusal(`${why}; nothing was changed`);
  }

  /** The outcome, and the exit code. */
  end(outcome: Outcome, words: string, code: ExitCode): ExitCode {
    const seconds = Math.round((Date.now() - this.startedAt) / 1000);
    if (this.json) this.terminal.json({ ...outcome, seconds });
    else this.terminal.out(words);
    return code;
  }
}

/** Returns a host to Cluster API: decides, asks for confirmation, and removes the stale mark or claim. */
export async function recoverHost(
  terminal: Terminal,
  name: string,
  options: RecoverOptions,
): Promise<ExitCode> {
  const { plan } = chosenPlan(terminal, options.stack);
  const report = new RecoveryReport(terminal, plan, options.json === true);
  await using clusters = new StackClusters(plan, terminal.directory);
  const decision = decideHost(name, { plan, snapshot: await readSnapshot(plan, clusters) });
  if (decision.step === "unknown") return report.undecided(decision.why);
  if (decision.step === "refuse") return report.refused(decision.why);
  if (!(await confirm(terminal, decision.consequences, options.yes === true))) {
    return report.end({ outcome: "declined" }, "nothing was changed", exitCodes.confirmationRequired);
  }
  const management = await clusters.management();
  const { staleClaim } = decision;
  if (staleClaim !== undefined) {
    // A confirmation may take long, and the version of the host does not show that its machine was created meanwhile.
    const machine = await queried("the management cluster", () =>
      management.get(resources.Metal3Machine, staleClaim, plan.namespace),
    );
    if (machine !== undefined) {
      throw new Refusal(
        `Metal3Machine ${staleClaim} exists by now, so ${name} is claimed; nothing was changed`,
      );
    }
  }
  await queried("the management cluster", () =>
    management.mergePatch(resources.BareMetalHost, name, plan.namespace, decision.patch),
  ).catch((error: Error) => {
    const changed = error.cause instanceof ApiError && error.cause.status === 409;
    throw changed ? new Refusal(`host ${name} changed meanwhile; run the same command again`) : error;
  });
  const removed = await orphansRemoved(plan, clusters);
  const done = [...decision.consequences, ...removed];
  return report.end(
    { outcome: "recovered", host: name, done },
    `recovered: ${done.join("; ")}`,
    exitCodes.holds,
  );
}

/** Replaces a stuck machine: decides, asks for confirmation, deletes the Machine only, and follows its replacement until it is Ready. */
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
  if (decision.step === "unknown") return report.undecided(decision.why);
  if (decision.step === "refuse") return report.refused(decision.why);
  if (decision.step === "follow") {
    report.event({ at: Date.now(), host: plan.name, phase: "recover", text: decision.words });
    return await follow(terminal, plan, report, clusters, options, snapshot);
  }
  if (!(await confirm(terminal, decision.consequences, options.yes === true))) {
    return report.end({ outcome: "declined" }, "nothing was changed", exitCodes.confirmationRequired);
  }
  await remove(plan, clusters, decision.machine);
  const host = decision.machine.host?.metadata.name ?? plan.name;
  report.event({ at: Date.now(), host, phase: "recover", text: `Machine ${decision.machine.name} deleted` });
  return await follow(terminal, plan, report, clusters, options, snapshot, decision.machine);
}

function isComplete(plan: ClusterPlan, snapshot: Snapshot): boolean {
  return assess(livePlan(plan, snapshot), snapshot, snapshot.at, new Map()).missing.length === 0;
}

/** Deletes the Machine that was assessed, by its UID: another one may have the same name by now. */
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
    report: (event) => report.event(event),
    isThere: going,
  });
  if (followed.outcome === "ready") {
    const replacements = inManagement(followed.snapshot, "machines")
      .filter(({ metadata }) => !old.includes(metadata.uid))
      .map(({ metadata }) => metadata.name);
    const words =
      replacements.length === 0 ? "the cluster is complete" : `${replacements.join(", ")} is Ready`;
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
    `${outcome === "late" ? "not Ready in time" : "interrupted"}; run the same command to continue`,
    ...lines,
  ].join("\n");
}
