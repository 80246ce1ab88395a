import { list, text, type KubernetesObject } from "../../model/kubernetes/object";
import { timestamp, withConditions } from "../simulated/conditions";

/** What a kubelet reports about one container. */
export interface ContainerReport {
  readonly state: Readonly<Record<string, unknown>>;
  /** How it ended before. */
  readonly lastState?: Readonly<Record<string, unknown>>;
  readonly ready: boolean;
  readonly started: boolean;
  readonly restarts: number;
}

/** A container that has not been started yet. */
export const notStarted: ContainerReport = {
  state: { waiting: { reason: "PodInitializing" } },
  ready: false,
  started: false,
  restarts: 0,
};

/** What a kubelet reports about a pod. */
export interface PodReport {
  /** By the name of the container. */
  readonly containers: ReadonlyMap<string, ContainerReport>;
  readonly hostAddresses: readonly string[];
  readonly podAddresses: readonly string[];
}

/** The status of a pod as its kubelet writes it. */
export function podStatus(pod: KubernetesObject, report: PodReport): Record<string, unknown> {
  const inits = list(pod, "spec", "initContainers");
  const mains = list(pod, "spec", "containers");
  const of = (container: unknown) => report.containers.get(text(container, "name") ?? "") ?? notStarted;
  const initialized = inits.every((each) => of(each).ready);
  const unready = mains.filter((each) => !of(each).ready).map((each) => text(each, "name") ?? "");
  const words = `containers with unready status: [${unready.join(" ")}]`;
  const ready =
    unready.length === 0
      ? { status: "True" as const, reason: "" }
      : { status: "False" as const, reason: "ContainersNotReady", message: words };
  const incomplete = inits.filter((each) => !of(each).ready).map((each) => text(each, "name") ?? "");
  const conditions = withConditions(
    pod,
    [
      initialized
        ? { type: "Initialized", status: "True", reason: "" }
        : {
            type: "Initialized",
            status: "False",
            reason: "ContainersNotInitialized",
            message: `containers with incomplete status: [${incomplete.join(" ")}]`,
          },
      { type: "Ready", ...ready },
      { type: "ContainersReady", ...ready },
    ],
    timestamp(),
  );
  const status = (container: unknown) => {
    const { state, lastState, ready: isReady, started, restarts } = of(container);
    return {
      name: text(container, "name"),
      image: text(container, "image"),
      imageID: "",
      ready: isReady,
      started,
      restartCount: restarts,
      state,
      ...(lastState === undefined ? {} : { lastState }),
    };
  };
  const ips = (addresses: readonly string[]) => addresses.map((ip) => ({ ip }));
  const { hostAddresses, podAddresses } = report;
  return {
    phase:
      initialized && mains.some((each) => of(each).started || of(each).restarts > 0) ? "Running" : "Pending",
    startTime: text(pod, "status", "startTime") ?? timestamp(),
    ...(hostAddresses.length === 0 ? {} : { hostIP: hostAddresses[0], hostIPs: ips(hostAddresses) }),
    ...(podAddresses.length === 0 ? {} : { podIP: podAddresses[0], podIPs: ips(podAddresses) }),
    conditions,
    initContainerStatuses: inits.map(status),
    containerStatuses: mains.map(status),
  };
}
