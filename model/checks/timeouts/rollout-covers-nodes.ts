import { defineCheck } from "../check";
import { machinePools } from "../machine-pools";

/** The chart restarts two agents at a time; each takes about a minute until it is ready. */
const agentsPerMinute = 2;

export const rolloutCoversNodes = defineCheck({
  id: "timeouts/rollout-covers-nodes",
  why: "an upgrade of Cilium is reported as failed while it is still going from node to node",
  severity: "warning",
  run: (stack) => {
    const nodes = machinePools(stack).reduce((sum, { replicas }) => sum + replicas, 0);
    const needed = Math.ceil(nodes / agentsPerMinute);
    if (stack.cilium.lifecycle !== "pulumi" || stack.timeouts.rollout >= needed) return [];
    return [
      {
        at: "timeouts.rollout",
        problem: `${nodes} nodes, two at a time, take about ${needed} minutes, more than ${stack.timeouts.rollout}`,
        fix: `write ${needed}`,
      },
    ];
  },
});
