import type { KubernetesObject } from "../kubernetes/object";
import { assess } from "./readiness/assess";
import type { Missing } from "./readiness/assessment";
import type { Observation } from "./readiness/observation";
import { inWorkload, type Snapshot } from "./snapshot";
import type { ClusterPlan } from "../plan/plan";
import type { ClusterReadinessPlan } from "../plan/readiness";
import { plainText } from "../redaction/shown";

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
    .filter(({ metadata }) => metadata.labels?.["app.kubernetes.io/part-of"] === "cilium")
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
  observation: Observation,
  now: number,
): readonly Missing[] {
  const none = new Map();
  return [
    ...assess(plan, observation, now, none).missing,
    ...(bgp === undefined
      ? []
      : assess({ ...bgp.readiness, steadySeconds: 0 }, observation, now, none).missing),
  ];
}

/** `w1: node Ready (cni plugin not initialized)`. */
export function missingText({ who, what, cause }: Missing): string {
  return plainText(`${who}: ${what}${cause === undefined ? "" : ` (${cause})`}`);
}
