import { field, list, text } from "../../kubernetes/object";
import { agent, envoy, operator, podsOf, toleratesAll, toleratesKey, workloadsOf } from "./anatomy";
import { type Proof, defineProof } from "./proof";

const controlPlaneTaint = "node-role.kubernetes.io/control-plane";

/** Taints of a new node from kubeadm and Cluster API; the last one is removed only when the node is ready. */
const newNodeTaints = [
  controlPlaneTaint,
  "node.cluster.x-k8s.io/uninitialized",
  "node.kubernetes.io/not-ready",
];

/** The workloads that every node needs. */
const tolerationProofs = [
  {
    id: "render/agent-tolerates-all",
    workload: agent,
    name: "agent",
    summary: "The agent tolerates every taint.",
    why: "a node without an agent has no network",
  },
  {
    id: "render/envoy-tolerates-all",
    workload: envoy,
    name: "Envoy",
    summary: "Envoy tolerates every taint.",
    why: "without Envoy on a node its layer 7 policies drop all traffic",
  },
].map(({ workload, name, ...proof }) =>
  defineProof({
    ...proof,
    run: (render) =>
      workloadsOf(render, [workload])
        .filter(({ pod }) => !toleratesAll(pod))
        .map(({ place, values }) => ({
          key: `${values}tolerations`,
          problem: `${place} does not tolerate every taint, so a tainted node would have no ${name}`,
          fix: `write ${values}tolerations: [{operator: Exists}] in cilium.values, or remove the key`,
        })),
  }),
);

/** Proofs that Cilium's pods can run on new nodes. */
export const placementProofs: readonly Proof[] = [
  ...tolerationProofs,
  defineProof({
    id: "render/placement-unrestricted",
    summary: "Cilium's pods run on every node, whatever its labels.",
    why: "a pod that requires labels which a new node does not have stays pending, and the node never becomes ready",
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
  }),
  defineProof({
    id: "render/operator-tolerates-bootstrap",
    summary: "The operator tolerates the taints of a node that is not ready.",
    why: "nodes become ready only after the operator has run, so it must run on nodes that are not ready (cilium#41922)",
    run: (render) =>
      workloadsOf(render, [operator]).flatMap(({ place, pod }) => {
        const refused = toleratesAll(pod) ? [] : newNodeTaints.filter((key) => !toleratesKey(pod, key));
        if (refused.length === 0) return [];
        return {
          key: "operator.tolerations",
          problem: `${place} does not tolerate ${refused.join(", ")}, the taints of a node that is not ready yet`,
          fix: "write operator.tolerations: [{operator: Exists}] in cilium.values, or remove the key",
        };
      }),
  }),
  defineProof({
    id: "render/jobs-schedulable",
    summary: "Jobs of the render can run on control plane nodes where there are no workers.",
    why: "in a cluster of control planes only, a job without a toleration never runs, nor does anything that needs its certificates",
    run: (render, { machines }) =>
      machines.workers > 0
        ? []
        : podsOf(render)
            .filter(({ place }) => /^(Job|CronJob) /.test(place))
            .filter(({ pod }) => !toleratesAll(pod) && !toleratesKey(pod, controlPlaneTaint))
            .map(({ place }) => ({
              key: "certgen.tolerations",
              problem: `${place} does not tolerate control plane nodes, and this cluster has no workers`,
              fix: "write certgen.tolerations: [{operator: Exists}] in cilium.values",
            })),
  }),
];

/** The node selector without labels that every node has. */
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
