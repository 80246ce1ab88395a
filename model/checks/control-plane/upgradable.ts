import { hostsOf } from "../../plan/addressing";
import { controlPlanePool } from "../../plan/labels";
import { defineCheck } from "../check";

export const upgradable = defineCheck({
  id: "control-plane/upgradable",
  why: "below three machines a rollout takes a free host first, and without one it waits for ever",
  severity: "warning",
  run: (stack) => {
    const { replicas, rollout } = stack.controlPlane;
    const spare = hostsOf(stack, controlPlanePool).length - replicas;
    const workers = stack.workers.reduce((sum, pool) => sum + pool.replicas, 0);
    // One machine alone is reinstalled, not upgraded; what asks for a spare is the business of its own check.
    if (replicas >= 3 || rollout.spareHost || spare !== 0 || workers === 0) return [];
    return [
      {
        at: "controlPlane.replicas",
        problem: `${replicas} control plane machine for ${workers} workers cannot be upgraded: it would need one more host`,
        fix: "write 3, or add a second host with pool: control-plane",
      },
    ];
  },
});
