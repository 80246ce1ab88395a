import { defineCheck } from "../check";
import { machinePools } from "../machine-pools";
import { allowance } from "./allowance";

export const maxUnhealthyBrakes = defineCheck({
  id: "health/max-unhealthy-brakes",
  why: "one broken switch makes all machines unhealthy at once, and then all are rebooted, or wiped",
  severity: "warning",
  run: (stack) =>
    machinePools(stack).flatMap((pool) => {
      const { maxUnhealthy, enabled } = pool.healthCheck;
      if (!enabled || pool.replicas < 2 || (allowance(pool) ?? 0) < pool.replicas) return [];
      return [
        {
          at: `${pool.at}.healthCheck.maxUnhealthy`,
          problem: `"${maxUnhealthy}" lets all ${pool.replicas} machines be mended at the same time`,
          fix: 'write "40%"',
        },
      ];
    }),
});
