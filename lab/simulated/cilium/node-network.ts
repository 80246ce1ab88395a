import { list, text, type KubernetesObject } from "../../../model/kubernetes/object";
import { NO_NETWORK } from "../../workload/node-objects";
import { hasConditions, timestamp, withConditions, type Condition } from "../conditions";

/** The taint that Cilium's operator removes when the agent on a node is ready. */
export const AGENT_TAINT = "node.cilium.io/agent-not-ready";

/** What a kubelet says about its node, with or without a working network. */
export function networkConditions(node: KubernetesObject, works: boolean, why: string): Condition[] {
  const ready: Condition = works
    ? { type: "Ready", status: "True", reason: "KubeletReady", message: "kubelet is posting ready status" }
    : {
        type: "Ready",
        status: "False",
        reason: "KubeletNotReady",
        message: why === "" ? NO_NETWORK : `${NO_NETWORK}; ${why}`,
      };
  // Cilium's operator sets this once and does not take it back (facts/cilium.md 7).
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

/** The status patch of a node, or undefined when it says so already. */
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
  const left = taints.filter((taint) => text(taint, "key") !== AGENT_TAINT);
  return left.length === taints.length ? undefined : left;
}
