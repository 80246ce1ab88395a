import { list, text, type KubernetesObject } from "../../../model/kubernetes/object";
import { timestamp, withConditions } from "../conditions";
import type { PodVerdict } from "./payload";

/** True when the pod shows the verdict already. */
export function shows(pod: KubernetesObject, verdict: PodVerdict): boolean {
  const [status] = list(pod, "status", "containerStatuses");
  if (verdict.runs) return isReady(pod) && text(pod, "status", "podIP") !== undefined;
  const waiting = text(status, "state", "waiting", "message");
  return (
    !isReady(pod) &&
    waiting === verdict.message &&
    text(status, "state", "waiting", "reason") === verdict.reason
  );
}

/** True when the pod's Ready condition is True. */
export function isReady(pod: KubernetesObject): boolean {
  return list(pod, "status", "conditions").some(
    (entry) => text(entry, "type") === "Ready" && text(entry, "status") === "True",
  );
}

/** The status that a kubelet would write for a pod on its host's network. */
export function podStatus(
  pod: KubernetesObject,
  verdict: PodVerdict,
  addresses: readonly string[],
): Record<string, unknown> {
  const now = timestamp();
  const ready = verdict.runs ? "True" : "False";
  const reason = verdict.runs ? "" : "ContainersNotReady";
  const message = verdict.runs ? "" : `containers with unready status: ${verdict.message}`;
  const conditions = withConditions(
    pod,
    [
      { type: "Initialized", status: "True", reason: "" },
      { type: "Ready", status: ready, reason, message },
      { type: "ContainersReady", status: ready, reason, message },
    ],
    now,
  );
  const state = verdict.runs
    ? { running: { startedAt: now } }
    : { waiting: { reason: verdict.reason, message: verdict.message } };
  const done = { terminated: { exitCode: 0, reason: "Completed", startedAt: now, finishedAt: now } };
  const one = (container: unknown, ofContainer: unknown, isUp: boolean) => ({
    name: text(container, "name"),
    image: text(container, "image"),
    imageID: "",
    ready: isUp,
    started: isUp,
    restartCount: 0,
    state: ofContainer,
  });
  const ips = addresses.map((ip) => ({ ip }));
  return {
    // A pod whose containers cannot start at all has never been Running.
    phase: !verdict.runs && verdict.reason !== "CrashLoopBackOff" ? "Pending" : "Running",
    startTime: text(pod, "status", "startTime") ?? now,
    hostIP: addresses[0] ?? null,
    hostIPs: ips,
    podIP: addresses[0] ?? null,
    podIPs: ips,
    conditions,
    initContainerStatuses: list(pod, "spec", "initContainers").map((entry) => one(entry, done, true)),
    containerStatuses: list(pod, "spec", "containers").map((entry) => one(entry, state, verdict.runs)),
  };
}
