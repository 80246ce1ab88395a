import { ciliumSelector, isSelected } from "../../kubernetes/labels";
import type { KubernetesObject } from "../../kubernetes/object";
import type { Assessment, Missing, Status } from "./assessment";
import { type SessionHistories, assessBgp } from "./bgp-assessment";
import { assessCluster, assessHosts } from "./cluster-assessment";
import { assessControlPlane, assessMachines, isInitialised } from "./machine-assessment";
import { assessRollout } from "./rollout-assessment";
import { type Snapshot, type Trouble, inManagement, inWorkload, named } from "../snapshot";
import type { ClusterPlan } from "../../plan/plan";
import type { ClusterReadinessPlan, WaitOrder } from "../../plan/readiness";
import { plainText } from "../../redaction/shown";

/** Any of the plans that can be waited for. */
export type ReadinessPlan = WaitOrder["plan"];

/** A dropped connection that is back sooner than this is not worth a line: servers close idle watches as they like. */
const quietTroubleSeconds = 2;

/** What a plan still misses in a snapshot. Ready is: nothing. */
export function assess(
  plan: ReadinessPlan,
  snapshot: Snapshot,
  now: number,
  sessions: SessionHistories,
): Assessment {
  const subject = assessSubject(plan, snapshot, now, sessions);
  const trouble = assessTrouble(plan, snapshot, now);
  return {
    ...subject,
    statuses: [...trouble.statuses, ...subject.statuses],
    missing: [...trouble.missing, ...subject.missing],
  };
}

function assessSubject(
  plan: ReadinessPlan,
  snapshot: Snapshot,
  now: number,
  sessions: SessionHistories,
): Assessment {
  switch (plan.subject) {
    case "cluster":
      return assessCluster(plan, snapshot, now);
    case "control-plane":
      return assessControlPlaneRollout(plan, snapshot);
    case "bgp":
      return assessBgp(plan, snapshot, sessions, now);
    case "rollout":
      return assessRollout(plan, snapshot);
  }
}

/** What we remember of a server that does not answer may be old, so nothing is ready while it is silent. */
function assessTrouble(
  plan: ReadinessPlan,
  snapshot: Snapshot,
  now: number,
): { statuses: readonly Status[]; missing: readonly Missing[] } {
  const statuses: Status[] = [];
  const missing: Missing[] = [];
  const note = (name: string, phase: string, trouble: Trouble | undefined, reached: boolean) => {
    if (trouble === undefined && reached) return;
    const cause = trouble?.message;
    missing.push({ who: plan.cluster, what: `${name} answering`, ...(cause === undefined ? {} : { cause }) });
    if (trouble === undefined || now - trouble.since < quietTroubleSeconds * 1000) return;
    statuses.push({
      key: `trouble/${name}`,
      who: plan.cluster,
      phase,
      // Without the error: each watch has its own, and the line would be said again for each.
      text: `${name} not answering`,
      gone: `${name} answers again`,
    });
  };
  const { management, workload } = snapshot;
  note("management API", "api", management.trouble, management.reached);
  // Before its first answer a workload API that is silent is the normal course of things; and where there is none yet,
  // workers have nothing to run ahead of.
  const needed = plan.subject !== "control-plane";
  note("workload API", "api", workload.reached ? workload.trouble : undefined, workload.reached || !needed);
  return { statuses, missing };
}

/**
 * The control plane alone, before workers are touched. A cluster that does not exist yet, or never got as far as an API
 * server, has nothing that workers could run ahead of: then there is nothing to wait for.
 */
function assessControlPlaneRollout(plan: ClusterReadinessPlan, snapshot: Snapshot): Assessment {
  const listed = snapshot.management.parts.clusters.objects !== undefined;
  if (!listed || !isInitialised(named(inManagement(snapshot, "clusters"), plan.cluster))) {
    const text = "nothing runs yet that workers could run ahead of";
    return {
      statuses: listed ? [{ key: "control-plane/none", who: plan.cluster, phase: "control", text }] : [],
      missing: listed ? [] : [{ who: plan.cluster, what: "the list of Clusters" }],
      milestones: [],
    };
  }
  const parts = [
    assessMachines(plan, snapshot),
    assessHosts(plan, snapshot),
    assessControlPlane(plan, snapshot),
  ];
  const missing = parts.flatMap((part) => part.missing);
  return {
    statuses: parts.flatMap((part) => part.statuses),
    missing,
    milestones: [{ phase: "rollout", started: true, done: missing.length === 0 }],
  };
}

type Workload = ClusterReadinessPlan["workloads"][number];

/** What every render of Cilium holds. */
const always: readonly Workload[] = [
  { kind: "DaemonSet", namespace: "kube-system", name: "cilium" },
  { kind: "Deployment", namespace: "kube-system", name: "cilium-operator" },
];

/**
 * What must hold for a running cluster to be ready. Without a render its workloads are those that every render has, and
 * those of Cilium that are there.
 */
export function livePlan(plan: Pick<ClusterPlan, "readiness">, snapshot: Snapshot): ClusterReadinessPlan {
  const found = [...inWorkload(snapshot, "daemonSets"), ...inWorkload(snapshot, "deployments")]
    .filter((workload) => isSelected(workload, ciliumSelector))
    .map(workloadOf)
    .filter((workload) => !always.some((known) => isSame(known, workload)));
  return { ...plan.readiness, workloads: [...always, ...found], steadySeconds: 0 };
}

function workloadOf({ kind, metadata }: KubernetesObject): Workload {
  const { name, namespace = "" } = metadata;
  return { kind: kind === "DaemonSet" ? "DaemonSet" : "Deployment", namespace, name };
}

function isSame(a: Workload, b: Workload): boolean {
  return a.kind === b.kind && a.namespace === b.namespace && a.name === b.name;
}

/** What keeps a running cluster from being as planned, with its BGP sessions; nothing on one that is well. */
export function missingNow(
  plan: ClusterReadinessPlan,
  bgp: ClusterPlan["bgp"],
  snapshot: Snapshot,
  now: number,
): readonly Missing[] {
  const none = new Map();
  return [
    ...assess(plan, snapshot, now, none).missing,
    ...(bgp === undefined ? [] : assess({ ...bgp.readiness, steadySeconds: 0 }, snapshot, now, none).missing),
  ];
}

/** `w1: node Ready (cni plugin not initialized)`. */
export function missingText({ who, what, cause }: Missing): string {
  return plainText(`${who}: ${what}${cause === undefined ? "" : ` (${cause})`}`);
}
