import { number } from "../../kubernetes/object";
import { operator, workloadsOf } from "./anatomy";
import { defineProof } from "./proof";

export const operatorReplicasFit = defineProof({
  id: "render/operator-replicas-fit",
  why: "without an operator there are no CRDs; one more than there are nodes stays pending, and the rollout never ends",
  run: (render, { machines }) =>
    workloadsOf(render, [operator]).flatMap(({ object, place }) => {
      const replicas = number(object, "spec", "replicas") ?? 1;
      const nodes = machines.controlPlane + machines.workers;
      if (replicas >= 1 && replicas <= nodes) return [];
      return [
        {
          key: "operator.replicas",
          problem: `${place} has ${replicas} replicas, each on a node of its own; this cluster has ${nodes} node(s)`,
          fix: `write ${Math.min(2, nodes)}, or remove operator.replicas from cilium.values`,
        },
      ];
    }),
});
