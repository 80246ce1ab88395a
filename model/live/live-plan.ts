import type { KubernetesObject } from "../kubernetes/object";
import type { ClusterPlan } from "../plan/plan";
import type { ClusterReadinessPlan } from "../plan/readiness";
import { type Snapshot, inWorkload } from "./snapshot";

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
