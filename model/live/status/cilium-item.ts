import { type KubernetesObject, list, text } from "../../kubernetes/object";
import { type Snapshot, inWorkload } from "../snapshot";
import { condition } from "../../kubernetes/condition";
import { type Observation, agentPods } from "../readiness/observation";
import type { ClusterReadinessPlan } from "../../plan/readiness";
import { workloadName, workloadState } from "../readiness/workload";
import { ciliumContainers } from "../readiness/containers";
import { type Item, since, worst } from "./item";

/** Cilium: what of it has rolled out, agents that are not ready, and whether kube-proxy runs beside it. */
export function ciliumItem(plan: ClusterReadinessPlan, snapshot: Snapshot, observation: Observation): Item {
  const states = plan.workloads.map((workload) => workloadState(workload, observation));
  const workloads = states.map(({ workload, rolledOut, text: words }): Item => ({
    kind: "workload",
    name: workloadName(workload),
    mark: rolledOut ? "good" : "bad",
    text: words,
  }));
  const agents = agentItems(observation);
  const agent = states.find(({ workload }) => workload.kind === "DaemonSet" && workload.name === "cilium");
  const version = versionOf(agent?.object);
  return {
    kind: "cilium",
    name: version === undefined ? "Cilium" : `Cilium ${version}`,
    mark: worst([...workloads, ...agents].map(({ mark }) => mark)),
    text: [
      ...states.map(({ workload, text: words }) => `${workload.name} ${words}`),
      `kube-proxy: ${hasKubeProxy(snapshot) ? "runs too" : "not used"}`,
    ].join(", "),
    children: [...workloads.filter(({ mark }) => mark !== "good"), ...agents],
  };
}

function hasKubeProxy(snapshot: Snapshot): boolean {
  return inWorkload(snapshot, "daemonSets").some(({ metadata }) => metadata.name === "kube-proxy");
}

/** `v1.19.1`, from the agent's image. */
function versionOf(daemonSet: KubernetesObject | undefined): string | undefined {
  const image = text(list(daemonSet, "spec", "template", "spec", "containers")[0], "image") ?? "";
  return /:(v?[0-9][^@]*)/.exec(image.slice(image.lastIndexOf("/") + 1))?.[1];
}

function agentItems(observation: Observation): readonly Item[] {
  const containers = ciliumContainers(observation);
  return agentPods(observation)
    .filter(
      (pod) => condition(pod, "Ready")?.status === "False" || text(pod, "status", "phase") === "Pending",
    )
    .map((pod) => {
      const waiting = containers.find((state) => state.pod === pod && state.waiting !== undefined)?.waiting;
      const words = waiting?.reason ?? condition(pod, "Ready")?.reason ?? text(pod, "status", "phase") ?? "";
      return {
        kind: "agent",
        name: `agent on ${text(pod, "spec", "nodeName") ?? "no node"}`,
        mark: "bad",
        text: `${pod.metadata.name} is not ready: ${words}`,
        ...since(condition(pod, "Ready")?.lastTransitionTime ?? pod.metadata.creationTimestamp),
      };
    });
}
