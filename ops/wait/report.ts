import type { ReadinessPlan } from "../../model/live/readiness/assess";
import type { Missing } from "../../model/live/readiness/assessment";
import type { Cause } from "../../model/live/causes/cause";
import { type WaitEvent } from "../../model/live/readiness/event";
import type { Output } from "./output";
import { clock } from "../../model/text/wording";

/** What the run is about to do. */
export function startText(plan: ReadinessPlan): string {
  const deadline = `timeout ${clock(plan.timeoutSeconds * 1000)}`;
  switch (plan.subject) {
    case "cluster": {
      const workers = plan.workerPools.reduce((sum, pool) => sum + pool.replicas, 0);
      return `waiting for ${plan.controlPlane.replicas} control plane nodes + ${workers} workers on ${plan.hosts.length} hosts; ${deadline}`;
    }
    case "control-plane":
      return `waiting for ${plan.controlPlane.replicas} control plane nodes before the workers change; ${deadline}`;
    case "bgp": {
      const peers = plan.instances.reduce((sum, instance) => sum + instance.peers.length, 0);
      return `waiting for ${peers} BGP peers on every selected node; ${deadline}`;
    }
    case "rollout":
      return `waiting for the rollout of ${[...new Set(plan.workloads.map(({ name }) => name))].join(", ")}; ${deadline}`;
  }
}

/** What a successful run has checked. */
export function readyText(plan: ReadinessPlan): string {
  switch (plan.subject) {
    case "cluster": {
      const workers = plan.workerPools.reduce((sum, pool) => sum + pool.replicas, 0);
      const nodes = workers + plan.controlPlane.replicas;
      return (
        `${nodes} nodes Ready, ${plan.workloads.length} workloads rolled out, ` +
        `Cluster Available, endpoint steady for ${plan.steadySeconds} s`
      );
    }
    case "control-plane":
      return "the control plane is up to date, workers may follow";
    case "bgp":
      return "every BGP session is established";
    case "rollout":
      return `${plan.workloads.length} workloads rolled out`;
  }
}

/** Whom we wait for, most telling first: hosts before the cluster, one item each. */
export function waitingText(plan: ReadinessPlan, missing: readonly Missing[]): string {
  const hosts = missing.filter((item) => item.who !== plan.cluster);
  const first = missing.find((item) => item.who === plan.cluster);
  const once = new Map(hosts.toReversed().map((item) => [item.who, item]));
  const items = [
    ...hosts.filter((item) => once.get(item.who) === item),
    ...(first === undefined ? [] : [first]),
  ];
  const cause = items.find((item) => item.cause !== undefined);
  const names = items.map((item) => `${item.who} ${item.what}`).join("; ");
  const last = cause?.cause === undefined ? "" : `; last known cause: ${cause.who} ${cause.cause}`;
  return `${names}${last}`;
}

/** Says why waiting is pointless; the last line is the first cause's diagnosis. */
export function tellCauses(output: Output, causes: readonly Cause[], at: number): void {
  for (const cause of causes.toReversed()) {
    const about = { at, host: cause.who, id: cause.id, object: cause.object };
    output.tellAtLength({ ...about, phase: "evidence", text: `${cause.object}: ${cause.evidence}` });
    output.tellAtLength({ ...about, phase: "fix", text: cause.fix });
    const diagnosis = { text: `${cause.id}: ${cause.problem}`, evidence: cause.evidence, remedy: cause.fix };
    output.tell({ ...about, phase: "failed", ...diagnosis });
  }
}

/** Says what is missing when the time is over, item by item; the last line sums up. */
export function tellTimeout(
  output: Output,
  plan: ReadinessPlan,
  missing: readonly Missing[],
  at: number,
): void {
  for (const item of missing) {
    const cause = item.cause === undefined ? "" : `; last known cause: ${item.cause}`;
    output.tellAtLength({ at, host: item.who, phase: "missing", text: `${item.what}${cause}` });
  }
  const minutes = clock(plan.timeoutSeconds * 1000);
  const event: WaitEvent = {
    at,
    host: plan.cluster,
    phase: "failed",
    id: "wait/timed-out",
    text: `wait/timed-out: not ready after ${minutes}: ${waitingText(plan, missing)}`,
    evidence: missing.map((item) => `${item.who} ${item.what}`).join("; "),
    remedy: "run pulumi up again: it resumes where this run stopped; npm run metal -- diagnose shows details",
  };
  output.tell(event);
}
