import { defineCheck } from "../check";
import { machinePools } from "../machine-pools";
import { userValue } from "./user-values";

export const operatorReplicasFit = defineCheck({
  id: "cilium/operator-replicas-fit",
  why: "two operators never share a node, so one too many stays pending and the rollout is never complete",
  run: (stack) => {
    const set = userValue(stack, "operator.replicas");
    const nodes = machinePools(stack).reduce((sum, { replicas }) => sum + replicas, 0);
    if (typeof set !== "number" || (set >= 1 && set <= nodes)) return [];
    return [
      {
        at: "cilium.values.operator.replicas",
        problem: `${set} operators for ${nodes} node${nodes === 1 ? "" : "s"}`,
        fix: `remove it, or write a number from 1 to ${nodes}`,
      },
    ];
  },
});
