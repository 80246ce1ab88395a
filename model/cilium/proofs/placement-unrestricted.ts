import { field, list, text } from "../../kubernetes/object";
import { workloadsOf } from "./anatomy";
import { defineProof } from "./proof";

export const placementUnrestricted = defineProof({
  id: "render/placement-unrestricted",
  why: "a pod that asks for labels which a fresh node does not have stays pending, and the node never becomes ready",
  run: (render) =>
    workloadsOf(render).flatMap(({ place, pod, values }) => [
      ...selectorsOf(pod).map(([label, value]) => ({
        key: `${values}nodeSelector`,
        problem: `${place} runs only on nodes with the label ${label}=${value}`,
        fix: `remove ${values}nodeSelector from cilium.values`,
      })),
      ...affinityKeys(pod).map((label) => ({
        key: `${values}affinity`,
        problem: `${place} runs only on nodes chosen by the label ${label}`,
        fix: `remove ${values}affinity from cilium.values`,
      })),
    ]),
});

/** Labels that the kubelet gives every node are no restriction. */
function selectorsOf(pod: unknown): readonly [string, string][] {
  return Object.entries((field(pod, "nodeSelector") as Record<string, string> | undefined) ?? {}).filter(
    ([label, value]) => !(label === "kubernetes.io/os" && value === "linux"),
  );
}

/** Labels of a required node affinity, without the chart's own (nodes that opt out). */
function affinityKeys(pod: unknown): readonly string[] {
  const required = field(pod, "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution");
  return list(required, "nodeSelectorTerms")
    .flatMap((term) => list(term, "matchExpressions"))
    .map((expression) => text(expression, "key") ?? "")
    .filter((label) => label !== "cilium.io/no-schedule" && label !== "kubernetes.io/os");
}
