import { type KubernetesObject, field, list, number, text } from "../../kubernetes/object";
import { type Observation, allInWorkload } from "./observation";

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
