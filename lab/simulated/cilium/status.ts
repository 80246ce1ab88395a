import type { PodVerdict } from "./payload";
import { type Condition, hasConditions, timestamp, withConditions } from "../conditions";
import { noNetwork } from "../../workload/node-objects";
import { type KubernetesObject, list, text } from "../../../model/kubernetes/object";

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

/** The taint that Cilium's operator removes when the agent on a node is ready. */
const agentTaint = "node.cilium.io/agent-not-ready";

/** What a kubelet reports about its node, with or without a working network. */
function networkConditions(node: KubernetesObject, works: boolean, why: string): Condition[] {
  const ready: Condition = works
    ? { type: "Ready", status: "True", reason: "KubeletReady", message: "kubelet is posting ready status" }
    : {
        type: "Ready",
        status: "False",
        reason: "KubeletNotReady",
        message: why === "" ? noNetwork : `${noNetwork}; ${why}`,
      };
  // Cilium's operator sets this once and does not take it back.
  const up: Condition = {
    type: "NetworkUnavailable",
    status: "False",
    reason: "CiliumIsUp",
    message: "Cilium is running on this node",
  };
  return works ? [ready, up] : [ready];
}

/** Whether an agent has ever worked on this node: it leaves the network's configuration behind when it stops. */
export function hasNetwork(node: KubernetesObject): boolean {
  return list(node, "status", "conditions").some(
    (entry) => text(entry, "type") === "NetworkUnavailable" && text(entry, "reason") === "CiliumIsUp",
  );
}

/** The status patch of a node, or undefined when it is unchanged. */
export function networkPatch(node: KubernetesObject, works: boolean, why: string): unknown {
  const wanted = networkConditions(node, works, why);
  // The API server adds the observed generation to no Node condition; nor do we.
  if (hasConditions(node, wanted)) return undefined;
  const conditions = withConditions({ status: node["status"] }, wanted, timestamp());
  return { status: { conditions } };
}

/** The node's taints without Cilium's, or undefined when it has none of them. */
export function withoutAgentTaint(node: KubernetesObject): readonly unknown[] | undefined {
  const taints = list(node, "spec", "taints");
  const left = taints.filter((taint) => text(taint, "key") !== agentTaint);
  return left.length === taints.length ? undefined : left;
}
