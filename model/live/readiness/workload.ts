import type {
  ContainerStatus,
  DaemonSet,
  Deployment,
  Pod,
  PodTemplate,
  Terminated,
} from "../../kubernetes/core";
import { isObserved } from "../../kubernetes/condition";
import { defined } from "../../kubernetes/object";
import type { Missing, Status } from "./assessment";
import { type Snapshot, ciliumPods, inWorkload } from "../snapshot";
import type { Release, RolloutReadinessPlan } from "../../plan/readiness";

/** A DaemonSet or Deployment that must have rolled out. */
export type ExpectedWorkload = RolloutReadinessPlan["workloads"][number];

/** How far a workload has rolled out; `object` is undefined when it is absent or not listed yet. */
export interface WorkloadState {
  readonly workload: ExpectedWorkload;
  readonly listed: boolean;
  readonly object?: DaemonSet | Deployment;
  readonly rolledOut: boolean;
  readonly text: string;
}

/** `DaemonSet kube-system/cilium`. */
export function workloadName(workload: ExpectedWorkload): string {
  return `${workload.kind} ${workload.namespace}/${workload.name}`;
}

/**
 * The numbers that `cilium status` compares, and one more: zero wanted pods is not ready, because a DaemonSet that its
 * controller has not seen reports 0 of 0.
 */
export function workloadState(workload: ExpectedWorkload, snapshot: Snapshot): WorkloadState {
  const part = workload.kind === "DaemonSet" ? "daemonSets" : "deployments";
  const object = inWorkload(snapshot, part).find(
    ({ metadata }) => metadata.name === workload.name && metadata.namespace === workload.namespace,
  );
  if (object === undefined) {
    const listed = snapshot.workload.parts[part].objects !== undefined;
    return { workload, listed, rolledOut: false, text: "does not exist yet" };
  }
  const { release } = workload;
  if (release !== undefined && !isOfRelease(object.spec?.template, release)) {
    return { workload, listed: true, object, rolledOut: false, text: "not changed yet" };
  }
  const { wanted, ready, updated, available } = numbers(object);
  const seen = isObserved(object);
  const rolledOut = seen && wanted > 0 && ready === wanted && updated >= wanted && available >= wanted;
  return {
    workload,
    listed: true,
    object,
    rolledOut,
    text: rolledOut ? `${ready}/${wanted} ready` : waiting(seen, wanted, ready, updated),
  };
}

/** Whether a pod, or a template of pods, is that of a release. */
export function isOfRelease(pod: PodTemplate | undefined, { images, annotations }: Release): boolean {
  const containers = pod?.spec?.containers ?? [];
  return (
    Object.entries(images).every(([name, image]) =>
      containers.some((each) => each.name === name && each.image === image),
    ) && Object.entries(annotations).every(([key, value]) => pod?.metadata?.annotations?.[key] === value)
  );
}

function waiting(seen: boolean, wanted: number, ready: number, updated: number): string {
  if (!seen) return "change not seen by its controller yet";
  if (wanted === 0) return "wants no pods yet";
  return updated < wanted
    ? `${ready}/${wanted} ready, ${updated} updated`
    : `${ready}/${wanted} ready, rolling out`;
}

function numbers(object: DaemonSet | Deployment): {
  wanted: number;
  ready: number;
  updated: number;
  available: number;
} {
  if (object.kind === "DaemonSet") {
    const { desiredNumberScheduled: wanted = 0, numberUnavailable = 0, ...status } = object.status ?? {};
    const { numberReady: ready = 0, updatedNumberScheduled: updated = 0 } = status;
    return { wanted, ready, updated, available: wanted - numberUnavailable };
  }
  const { replicas = 0, readyReplicas = 0, updatedReplicas = 0, availableReplicas = 0 } = object.status ?? {};
  return {
    wanted: object.spec?.replicas ?? replicas,
    ready: readyReplicas,
    updated: updatedReplicas,
    available: replicas === updatedReplicas ? availableReplicas : 0,
  };
}

/** Lines and gaps for a list of workloads. */
export function assessWorkloads(
  workloads: readonly ExpectedWorkload[],
  snapshot: Snapshot,
  cluster: string,
): { statuses: readonly Status[]; missing: readonly Missing[] } {
  const states = workloads.map((workload) => workloadState(workload, snapshot));
  return {
    statuses: states
      .filter((state) => state.listed)
      .map((state) => ({
        key: `workload/${workloadName(state.workload)}`,
        who: cluster,
        phase: "cilium",
        text: `${workloadName(state.workload)} ${state.text}`,
      })),
    missing: states
      .filter((state) => !state.rolledOut)
      .map((state) => ({
        who: cluster,
        what: `${workloadName(state.workload)} rolled out`,
        ...(state.listed ? { cause: state.text } : {}),
      })),
  };
}

/** One container of one of Cilium's pods, as its kubelet reports it. */
export interface ContainerState {
  readonly pod: Pod;
  /** The node it runs on, or the pod while it has none. */
  readonly who: string;
  readonly container: string;
  readonly image: string;
  readonly ready: boolean;
  readonly restarts: number;
  readonly waiting?: { readonly reason: string; readonly message: string };
  /** How it ended last, `exit code 1, Error: cannot listen`; absent when it has not ended. */
  readonly ended?: string;
}

/** Every container of Cilium's pods, init containers before the others; pods on their way out are left out. */
export function ciliumContainers(snapshot: Snapshot): readonly ContainerState[] {
  return ciliumPods(snapshot)
    .filter((pod) => pod.metadata.deletionTimestamp === undefined)
    .flatMap((pod) =>
      [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])].map((status) =>
        containerState(pod, status),
      ),
    );
}

function containerState(pod: Pod, status: ContainerStatus): ContainerState {
  const { reason, message = "" } = status.state?.waiting ?? {};
  const ended = status.state?.terminated ?? status.lastState?.terminated;
  return defined({
    pod,
    who: pod.spec?.nodeName ?? pod.metadata.name,
    container: status.name,
    image: status.image ?? "",
    ready: status.ready === true,
    restarts: status.restartCount ?? 0,
    waiting: reason === undefined ? undefined : { reason, message },
    ended: ended === undefined ? undefined : ending(ended),
  });
}

function ending({ exitCode, reason, message }: Terminated): string {
  const words = [reason, message].filter((word) => word !== undefined);
  return [`exit code ${exitCode ?? "unknown"}`, words.join(": ")].filter((part) => part !== "").join(", ");
}
