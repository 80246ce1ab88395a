import { setTimeout as sleep } from "node:timers/promises";
import { KubernetesApi } from "../../ops/kubernetes/api";
import { polled } from "../../ops/polling";
import type { Fault, FaultContext } from "../faults/fault";
import type { LabEvent } from "../processes/event-log";
import type { EngineRun, RunningEngine } from "./engine";
import type { LabRun } from "./lab-run";
import type { Narrator, Verdict } from "./report";
import type { StackFacts } from "./stack-file";
import { sessionsEstablished, workloadKubeconfig } from "./verify";
import { compareBothEnds, ownRouters } from "./verify-bgp";

/** The lab's events so far, and promises for those to come. */
export class LabEvents {
  private readonly seen = new Set<string>();
  private readonly waiting = new Map<string, (() => void)[]>();

  /** To be called for every event of the lab. */
  record(event: LabEvent): void {
    this.seen.add(event.did);
    for (const wake of this.waiting.get(event.did) ?? []) wake();
    this.waiting.delete(event.did);
  }

  /** Resolves as soon as the lab has done this once. */
  once(did: string): Promise<void> {
    if (this.seen.has(did)) return Promise.resolve();
    return new Promise((resolve) => this.waiting.set(did, [...(this.waiting.get(did) ?? []), resolve]));
  }
}

/** Runs a command under a fault and checks how it ended. The fault is repaired when this returns. */
export async function runUnderFault(
  fault: Fault,
  begin: () => RunningEngine,
  lab: LabRun,
  facts: StackFacts,
  events: LabEvents,
  narrator: Narrator,
): Promise<{ readonly run: EngineRun; readonly verdicts: readonly Verdict[] }> {
  const affected: { engine?: RunningEngine } = {};
  const context = contextOf(lab, facts, () => affected.engine?.kill("SIGKILL"));
  const start = async () => {
    await fault.inject(context);
    narrator.step(`fault ${fault.name} injected (${fault.breaks})`);
  };
  if (fault.when === "before") await start();
  const running = begin();
  affected.engine = running;
  const ended = new AbortController();
  const injection = injectOnTime(fault, start, context, events, ended.signal, narrator);
  const limit = fault.mustEnd.withinSeconds * 1000;
  const late = sleep(limit, "late" as const, { signal: ended.signal }).catch(() => "ended" as const);
  const first = await Promise.race([running.end.then(() => "ended" as const), late]);
  if (first === "late") running.kill("SIGINT");
  const run = await running.end;
  ended.abort();
  const recovered = await injection;
  const compared =
    fault.comparisonFinds === undefined ? [] : [await compares(fault.comparisonFinds, lab, facts)];
  if (!recovered) await fault.repair(context);
  if (compared.length > 0) await sessionsBack(lab, facts);
  narrator.holds(`fault ${fault.name} is repaired`);
  return { run, verdicts: [...judge(fault, run, first === "late"), ...compared] };
}

/** Injects the fault at its moment and repairs it after its time, unless the command ends first; true when it was repaired. */
async function injectOnTime(
  fault: Fault,
  start: () => Promise<void>,
  context: FaultContext,
  events: LabEvents,
  ended: AbortSignal,
  narrator: Narrator,
): Promise<boolean> {
  const commandEnded = new Promise<"ended">((resolve) =>
    ended.addEventListener("abort", () => resolve("ended")),
  );
  if (fault.when !== "before") {
    const moment =
      "once" in fault.when ? events.once(fault.when.once) : sleep(fault.when.afterSeconds * 1000);
    const first = await Promise.race([moment, commandEnded]);
    if (first === "ended") return false;
    await start();
  }
  if (fault.recoversAfterSeconds === undefined) return false;
  await Promise.race([sleep(fault.recoversAfterSeconds * 1000), commandEnded]);
  if (ended.aborted) return false;
  await fault.repair(context);
  narrator.holds(`fault ${fault.name} was repaired after ${fault.recoversAfterSeconds} s`);
  return true;
}

/** Routers that were restarted are called again after a while (IdleHoldTimer); the verification checks whether they are. */
async function sessionsBack(lab: LabRun, facts: StackFacts): Promise<void> {
  const workload = await KubernetesApi.open(await workloadKubeconfig(lab.plane.api, facts));
  try {
    const read = () => sessionsEstablished(workload, facts);
    await polled(read, ({ against }) => against.length === 0, { seconds: 90 });
  } finally {
    workload.close();
  }
}

/** While the fault lasts, a comparison of both ends finds exactly these kinds of differences. */
async function compares(ids: readonly string[], lab: LabRun, facts: StackFacts): Promise<Verdict> {
  const workload = await KubernetesApi.open(await workloadKubeconfig(lab.plane.api, facts));
  try {
    const findings = await compareBothEnds(workload, lab.plans.get(facts.cluster), ownRouters(lab, facts));
    const found = [...new Set(findings.map(({ id }) => id))];
    return {
      statement: `a comparison of both ends finds ${ids.join(", ")}`,
      against: [
        ...ids.filter((id) => !found.includes(id)).map((id) => `it does not find ${id}`),
        ...findings
          .filter(({ id }) => !ids.includes(id))
          .map(({ id, at, problem }) => `${id} ${at}: ${problem}`),
      ],
    };
  } finally {
    workload.close();
  }
}

function judge(fault: Fault, run: EngineRun, late: boolean): readonly Verdict[] {
  const { as, withinSeconds, printing: saying, notBeforeSeconds = 0 } = fault.mustEnd;
  const span =
    notBeforeSeconds === 0 ? `within ${withinSeconds} s` : `after ${notBeforeSeconds} to ${withinSeconds} s`;
  const was = run.code === -1 ? "killed" : run.code === 0 ? "success" : "failure";
  const output = run.lines.join("\n");
  const missing = saying.filter((words) => !words.test(output));
  const words =
    saying.length === 0
      ? ""
      : `, printing ${saying.map((each) => each.source.replaceAll("\\", "")).join(", ")}`;
  return [
    {
      statement: `pulumi ${fault.during} ended as ${as} ${span}${words}`,
      against: [
        ...(late ? [`it had not ended after ${withinSeconds} s`] : []),
        ...(run.seconds < notBeforeSeconds ? [`it ended too early, after ${run.seconds.toFixed(1)} s`] : []),
        ...(was === as ? [] : [`it ended as ${was} (exit code ${run.code})`]),
        ...missing.map((each) => `its output does not contain ${each.source.replaceAll("\\", "")}`),
      ],
    },
  ];
}

function contextOf(lab: LabRun, facts: StackFacts, killEngine: () => void): FaultContext {
  const { context, plane } = lab;
  return {
    management: plane.api,
    namespace: facts.namespace,
    hosts: facts.hosts,
    endpoint: facts.endpoint,
    routers: ownRouters(lab, facts),
    workload: async () => KubernetesApi.open(await workloadKubeconfig(plane.api, facts)),
    hostFaults: context.faults,
    stopApiServer: () => plane.stopApiServer(),
    startApiServer: () => plane.startApiServer(),
    stopResourceSetController: () => plane.stopResourceSetController(),
    startResourceSetController: () => plane.startResourceSetController(),
    killEngine,
  };
}
