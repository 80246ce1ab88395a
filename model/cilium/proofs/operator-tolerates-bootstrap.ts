import { operator, toleratesAll, toleratesKey, workloadsOf } from "./anatomy";
import { defineProof } from "./proof";

/** Taints of a machine that Cluster API and kubeadm have just made; the last is gone only when its node is ready. */
const freshNodeTaints = [
  "node-role.kubernetes.io/control-plane",
  "node.cluster.x-k8s.io/uninitialized",
  "node.kubernetes.io/not-ready",
];

export const operatorToleratesBootstrap = defineProof({
  id: "render/operator-tolerates-bootstrap",
  why: "nodes become ready only after the operator has run, so it must run on nodes that are not (cilium#41921)",
  run: (render) =>
    workloadsOf(render, [operator]).flatMap(({ place, pod }) => {
      const refused = toleratesAll(pod) ? [] : freshNodeTaints.filter((key) => !toleratesKey(pod, key));
      if (refused.length === 0) return [];
      return [
        {
          key: "operator.tolerations",
          problem: `${place} does not tolerate ${refused.join(", ")}, the taints of a node that is not ready yet`,
          fix: "write operator.tolerations: [{operator: Exists}] in cilium.values, or remove the key",
        },
      ];
    }),
});
