import { type KubernetesObject, text } from "../../../kubernetes/object";
import { unapplied } from "../cluster-assessment";
import { type ClusterSituation, type Suspicion, clusterRule } from "../cause";
import { condition } from "../../../kubernetes/condition";
import { agentPods, allInWorkload } from "../observation";
import type { ClusterReadinessPlan } from "../../../plan/readiness";
import { workloadState } from "../workload";

/** A node has joined and waits for a CNI that was never brought to the cluster. */
export const cniAbsent = clusterRule({
  id: "nodes/cni-absent",
  why: "The resource set says that it has applied everything, and applies only once: no agent will come.",
  // DaemonSet and binding come through different API servers; half a minute covers a watch that is catching up.
  graceSeconds: 30,
  find(situation) {
    const agent = agentOf(situation.plan);
    if (agent === undefined || !isApplied(situation)) return [];
    const state = workloadState(agent, situation.observation);
    if (!state.listed || state.object !== undefined) return [];
    return nodesWithoutCni(situation).map((node) =>
      suspicion(node, `DaemonSet ${agent.namespace}/${agent.name} does not exist`),
    );
  },
});

/** A node has joined, Cilium's DaemonSet is there, but no agent runs on that node. */
export const agentAbsent = clusterRule({
  id: "nodes/agent-absent",
  why: "The agent's own start probe gives up after ten minutes; one that is not running by then is not just pulling an image.",
  // startupProbe of the chart: 300 tries each 2 s.
  graceSeconds: 600,
  find(situation) {
    const agent = agentOf(situation.plan);
    if (agent === undefined || !isApplied(situation)) return [];
    const { observation } = situation;
    if (observation.workload.objects.ciliumPods === undefined) return [];
    if (workloadState(agent, observation).object === undefined) return [];
    return nodesWithoutCni(situation).flatMap((node) => {
      const pod = agentPods(observation).find(
        (candidate) => text(candidate, "spec", "nodeName") === node.metadata.name,
      );
      if (text(pod, "status", "phase") === "Running") return [];
      const found = pod === undefined ? "no agent pod" : `pod ${pod.metadata.name} is ${podState(pod)}`;
      return [suspicion(node, `${found} on node ${node.metadata.name}`)];
    });
  },
});

function agentOf(plan: ClusterReadinessPlan): ClusterReadinessPlan["workloads"][number] | undefined {
  return plan.workloads.find((workload) => workload.kind === "DaemonSet" && workload.name === "cilium");
}

function isApplied({ plan, observation }: ClusterSituation): boolean {
  return unapplied(plan, observation).length === 0;
}

function podState(pod: KubernetesObject): string {
  const waiting = text(pod, "status", "containerStatuses", 0, "state", "waiting", "reason");
  return [text(pod, "status", "phase"), waiting].filter((word) => word !== undefined).join(", ");
}

function nodesWithoutCni({ observation }: ClusterSituation): readonly KubernetesObject[] {
  return allInWorkload(observation, "nodes").filter((node) => {
    const ready = condition(node, "Ready");
    return ready !== undefined && ready.status !== "True" && /cni (plugin|config)/i.test(ready.message);
  });
}

function suspicion(node: KubernetesObject, found: string): Suspicion {
  return {
    object: `Node/${node.metadata.name}`,
    who: node.metadata.name,
    problem: `the node joined, but no CNI runs on it: ${found}`,
    evidence: `Node Ready: "${condition(node, "Ready")?.message ?? ""}"; binding says applied; ${found}`,
    fix: "compare the applied payload with the render: npm run metal -- diagnose; then apply Cilium again",
  };
}
