import { isObserved } from "../../kubernetes/condition";
import { field, type KubernetesObject, list, number, text } from "../../kubernetes/object";
import type { Missing, Status } from "./assessment";
import { allInWorkload, type Observation } from "./observation";
import type { Release, RolloutReadinessPlan } from "../../plan/readiness";

/** A DaemonSet or Deployment that must have rolled out. */
export type ExpectedWorkload = RolloutReadinessPlan["workloads"][number];

/** How far a workload has rolled out; `object` is undefined when it is absent or not listed yet. */
export interface WorkloadState {
  readonly workload: ExpectedWorkload;
  readonly listed: boolean;
  readonly object?: KubernetesObject;
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
export function workloadState(workload: ExpectedWorkload, observation: Observation): WorkloadState {
  const watch = workload.kind === "DaemonSet" ? "daemonSets" : "deployments";
  const objects = observation.workload.objects[watch];
  const object = objects?.get(`${workload.namespace}/${workload.name}`);
  if (object === undefined) {
    return { workload, listed: objects !== undefined, rolledOut: false, text: "does not exist yet" };
  }
  const { release } = workload;
  if (release !== undefined && !isOfRelease(field(object, "spec", "template"), release)) {
    return { workload, listed: true, object, rolledOut: false, text: "not changed yet" };
  }
  const { wanted, ready, updated, available } = numbers(workload, object);
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
export function isOfRelease(pod: unknown, { images, annotations }: Release): boolean {
  const containers = list(pod, "spec", "containers");
  return (
    Object.entries(images).every(([name, image]) =>
      containers.some((each) => text(each, "name") === name && text(each, "image") === image),
    ) &&
    Object.entries(annotations).every(([key, value]) => text(pod, "metadata", "annotations", key) === value)
  );
}

function waiting(seen: boolean, wanted: number, ready: number, updated: number): string {
  if (!seen) return "change not seen by its controller yet";
  if (wanted === 0) return "wants no pods yet";
  return updated < wanted
    ? `${ready}/${wanted} ready, ${updated} updated`
    : `${ready}/${wanted} ready, rolling out`;
}

function numbers(
  workload: ExpectedWorkload,
  object: KubernetesObject,
): { wanted: number; ready: number; updated: number; available: number } {
  const of = (name: string) => number(object, "status", name) ?? 0;
  if (workload.kind === "DaemonSet") {
    const wanted = of("desiredNumberScheduled");
    return {
      wanted,
      ready: of("numberReady"),
      updated: of("updatedNumberScheduled"),
      available: wanted - of("numberUnavailable"),
    };
  }
  return {
    wanted: number(object, "spec", "replicas") ?? of("replicas"),
    ready: of("readyReplicas"),
    updated: of("updatedReplicas"),
    available: of("replicas") === of("updatedReplicas") ? of("availableReplicas") : 0,
  };
}

/** Lines and gaps for a list of workloads. */
export function assessWorkloads(
  workloads: readonly ExpectedWorkload[],
  observation: Observation,
  cluster: string,
): { statuses: readonly Status[]; missing: readonly Missing[] } {
  const states = workloads.map((workload) => workloadState(workload, observation));
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
  readonly pod: KubernetesObject;
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
export function ciliumContainers(observation: Observation): readonly ContainerState[] {
  return allInWorkload(observation, "ciliumPods")
    .filter((pod) => pod.metadata.deletionTimestamp === undefined)
    .flatMap((pod) =>
      [...list(pod, "status", "initContainerStatuses"), ...list(pod, "status", "containerStatuses")].map(
        (status) => containerState(pod, status),
      ),
    );
}

function containerState(pod: KubernetesObject, status: unknown): ContainerState {
  const reason = text(status, "state", "waiting", "reason");
  const ended = field(status, "state", "terminated") ?? field(status, "lastState", "terminated");
  return {
    pod,
    who: text(pod, "spec", "nodeName") ?? pod.metadata.name,
    container: text(status, "name") ?? "",
    image: text(status, "image") ?? "",
    ready: field(status, "ready") === true,
    restarts: number(status, "restartCount") ?? 0,
    ...(reason === undefined
      ? {}
      : { waiting: { reason, message: text(status, "state", "waiting", "message") ?? "" } }),
    ...(ended === undefined ? {} : { ended: ending(ended) }),
  };
}

function ending(terminated: unknown): string {
  const words = [text(terminated, "reason"), text(terminated, "message")].filter(
    (word) => word !== undefined,
  );
  return [`exit code ${number(terminated, "exitCode") ?? "unknown"}`, words.join(": ")]
    .filter((part) => part !== "")
    .join(", ");
}
