import { type KubernetesObject, field, number } from "../../kubernetes/object";
import type { Missing, Status } from "./assessment";
import { condition, conditionIs, isObserved } from "../../kubernetes/condition";
import { type Observation, managed } from "./observation";
import type { ClusterReadinessPlan } from "../../plan/readiness";

/** The result of one step of an assessment. */
export interface Part {
  readonly statuses: readonly Status[];
  readonly missing: readonly Missing[];
}

/** Whether kubeadm has initialised the first machine: an API server answers for this cluster. */
export function isInitialised(cluster: KubernetesObject | undefined): boolean {
  return (
    conditionIs(cluster, "ControlPlaneInitialized", "True") ||
    field(cluster, "status", "initialization", "controlPlaneInitialized") === true
  );
}

/** Whether a set of machines is complete: all there, ready and of the present template. */
export function counts(object: KubernetesObject, replicas: number): boolean {
  return ["replicas", "readyReplicas", "upToDateReplicas"].every(
    (name) => (number(object, "status", name) ?? 0) === replicas,
  );
}

/** ", 1 up to date" while a set of machines is being replaced. */
export function outdatedText(object: KubernetesObject | undefined, replicas: number): string {
  const upToDate = number(object, "status", "upToDateReplicas") ?? 0;
  const ready = number(object, "status", "readyReplicas") ?? 0;
  return upToDate < Math.min(ready, replicas) ? `, ${upToDate} up to date` : "";
}

/** The control plane's machines: all there, ready, and of the present template. */
export function assessControlPlane(plan: ClusterReadinessPlan, observation: Observation): Part {
  const { replicas } = plan.controlPlane;
  const cluster = managed(observation, "clusters", plan.cluster);
  const controlPlane = managed(observation, "controlPlanes", plan.cluster);
  if (!isInitialised(cluster)) {
    const cause = condition(cluster, "ControlPlaneInitialized")?.message ?? "";
    return {
      statuses: [],
      missing: [{ who: plan.cluster, what: "control plane initialised", ...(cause === "" ? {} : { cause }) }],
    };
  }
  const ready = number(controlPlane, "status", "readyReplicas") ?? 0;
  const settled = controlPlane !== undefined && isObserved(controlPlane) && counts(controlPlane, replicas);
  const cause = condition(controlPlane, "MachinesReady") ?? condition(controlPlane, "Available");
  const outdated = outdatedText(controlPlane, replicas);
  return {
    statuses: [
      {
        key: "control-plane/initialised",
        who: plan.cluster,
        phase: "init",
        text: "control plane initialised",
      },
      {
        key: "control-plane/ready",
        who: plan.cluster,
        phase: "control",
        text: `${ready}/${replicas} control planes ready${outdated}`,
      },
    ],
    missing: settled
      ? []
      : [
          {
            who: plan.cluster,
            what: `${replicas} control planes ready and up to date (${ready} ready${outdated})`,
            ...(cause?.status === "False" ? { cause: cause.message } : {}),
          },
        ],
  };
}
