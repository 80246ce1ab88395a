import { defineCheck } from "../check";
import { machinePools } from "../machine-pools";
import { allowance } from "./allowance";

export const maxUnhealthyEffective = defineCheck({
  id: "health/max-unhealthy-effective",
  why: "a limit of no machine means that none is ever mended",
  run: (stack) =>
    machinePools(stack).flatMap((pool) => {
      const { maxUnhealthy, enabled } = pool.healthCheck;
      if (!enabled || allowance(pool) !== 0) return [];
      return [
        {
          at: `${pool.at}.healthCheck.maxUnhealthy`,
          problem: `"${maxUnhealthy}" of ${pool.replicas} machines is none, so this health check does nothing`,
          fix: 'write "40%" or "1", or healthCheck.enabled: false',
        },
      ];
    }),
});
