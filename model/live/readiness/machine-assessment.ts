import type { Cluster, Machine, MachineSet } from "../../kubernetes/cluster-api";
import { condition, conditionIs, isObserved } from "../../kubernetes/condition";
import { controlPlaneLabel } from "../../kubernetes/labels";
import type { Missing, Status } from "./assessment";
import { hostOfMachine } from "../rollout/live-cluster";
import { type Snapshot, inManagement, named } from "../snapshot";
import type { ClusterReadinessPlan, ExpectedPool } from "../../plan/readiness";
import { plainText } from "../../redaction/shown";

/** What Cluster API does while a machine leaves, by the reason of its condition Deleting. */
const leavingWords: Readonly<Record<string, string>> = {
  WaitingForPreDrainHook: "waits for a deletion hook before its node is drained",
  DrainingNode: "its node is drained",
  WaitingForVolumeDetach: "its volumes are detached",
  WaitingForPreTerminateHook: "its etcd member leaves",
  WaitingForInfrastructureDeletion: "its host is deprovisioned",
  WaitingForBootstrapDeletion: "its host is free",
  DeletingNode: "its node is removed",
};

/** Machines that are not to stay: those that leave, and those whose successor must come. Nothing is ready before they are gone. */
export function assessMachines(plan: ClusterReadinessPlan, snapshot: Snapshot): Part {
  const hosts = inManagement(snapshot, "hosts");
  const passing = inManagement(snapshot, "machines")
    .filter(({ metadata }) => plan.subject === "cluster" || controlPlaneLabel in (metadata.labels ?? {}))
    .flatMap((machine) => passingMachine(machine) ?? []);
  const whose = (machine: Machine) => hostOfMachine(hosts, machine)?.metadata.name ?? plan.cluster;
  return {
    statuses: passing.map(({ machine, words }) => ({
      key: `machine/${machine.metadata.name}`,
      who: whose(machine),
      phase: "replace",
      text: `machine ${machine.metadata.name} ${words}`,
      ...(machine.metadata.deletionTimestamp === undefined
        ? {}
        : { gone: `machine ${machine.metadata.name} is gone` }),
    })),
    missing: passing.map(({ machine, words, cause }) => ({
      who: whose(machine),
      what: `machine ${machine.metadata.name} gone (${words})`,
      ...(cause === "" ? {} : { cause }),
    })),
  };
}

interface PassingMachine {
  readonly machine: Machine;
  readonly words: string;
  readonly cause: string;
}

function passingMachine(machine: Machine): PassingMachine | undefined {
  if (machine.metadata.deletionTimestamp !== undefined) {
    const deleting = condition(machine, "Deleting");
    const words = leavingWords[deleting?.reason ?? ""] ?? "is taken away";
    return { machine, words: `leaves: ${words}`, cause: plainText(deleting?.message ?? "") };
  }
  const upToDate = condition(machine, "UpToDate");
  if (upToDate?.status !== "False") return undefined;
  const version = machine.spec?.version ?? "";
  return { machine, words: `(${version}) is to be replaced`, cause: plainText(upToDate.message) };
}

/** The result of one step of an assessment. */
export interface Part {
  readonly statuses: readonly Status[];
  readonly missing: readonly Missing[];
}

/** Whether kubeadm has initialised the first machine: an API server answers for this cluster. */
export function isInitialised(cluster: Cluster | undefined): boolean {
  return (
    conditionIs(cluster, "ControlPlaneInitialized", "True") ||
    cluster?.status?.initialization?.controlPlaneInitialized === true
  );
}

/** Whether a set of machines is complete: all there, ready and of the present template. */
export function counts({ status }: MachineSet, replicas: number): boolean {
  return (["replicas", "readyReplicas", "upToDateReplicas"] as const).every(
    (name) => (status?.[name] ?? 0) === replicas,
  );
}

/** How many machines a MachineDeployment is to have: as planned, or as the autoscaler decided within its bounds. */
export function wantedOf(pool: ExpectedPool, snapshot: Snapshot): number {
  if (pool.most === undefined) return pool.replicas;
  const deployment = named(inManagement(snapshot, "machineDeployments"), pool.machineDeployment);
  const decided = deployment?.spec?.replicas ?? pool.replicas;
  return Math.min(pool.most, Math.max(pool.replicas, decided));
}

/** How many machines the cluster is to have, the control plane's included. */
export function wantedMachines(plan: ClusterReadinessPlan, snapshot: Snapshot): number {
  return plan.workerPools.reduce((sum, pool) => sum + wantedOf(pool, snapshot), plan.controlPlane.replicas);
}

/**
 * How many machines belong to MachineDeployments of the cluster that the plan does not have: Pulumi deletes objects at the end
 * of an update, after everything that is planned is ready.
 */
export function leavingMachines(plan: ClusterReadinessPlan, snapshot: Snapshot): number {
  const planned = new Set(plan.workerPools.map(({ machineDeployment }) => machineDeployment));
  return inManagement(snapshot, "machineDeployments")
    .filter(({ spec, metadata }) => spec?.clusterName === plan.cluster && !planned.has(metadata.name))
    .reduce((sum, { spec }) => sum + (spec?.replicas ?? 0), 0);
}

/** ", 1 up to date" while a set of machines is being replaced. */
export function outdatedText(object: MachineSet | undefined, replicas: number): string {
  const upToDate = object?.status?.upToDateReplicas ?? 0;
  const ready = object?.status?.readyReplicas ?? 0;
  return upToDate < Math.min(ready, replicas) ? `, ${upToDate} up to date` : "";
}

/** The control plane's machines: all there, ready, and of the present template. */
export function assessControlPlane(plan: ClusterReadinessPlan, snapshot: Snapshot): Part {
  const { replicas } = plan.controlPlane;
  const cluster = named(inManagement(snapshot, "clusters"), plan.cluster);
  const controlPlane = named(inManagement(snapshot, "controlPlanes"), plan.cluster);
  if (!isInitialised(cluster)) {
    const cause = condition(cluster, "ControlPlaneInitialized")?.message ?? "";
    return {
      statuses: [],
      missing: [{ who: plan.cluster, what: "control plane initialised", ...(cause === "" ? {} : { cause }) }],
    };
  }
  const ready = controlPlane?.status?.readyReplicas ?? 0;
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
