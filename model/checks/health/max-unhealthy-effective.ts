import { defineCheck } from "../check";
import { machinePools } from "../machine-pools";
import { allowance } from "./allowance";

export const maxUnhealthyEffective = defineCheck({
  id: "health/max-unhealthy-effective",
  why: "a share that is rounded down to no machine means that none is ever mended",
  run: (stack) =>
    machinePools(stack).flatMap((pool) => {
      const { maxUnhealthy, enabled } = pool.healthCheck;
      const never = /^0+%?$/.test(maxUnhealthy) || (pool.replicas >= 3 && allowance(pool) === 0);
      if (!enabled || !never) return [];
      return [
        {
          at: `${pool.at}.healthCheck.maxUnhealthy`,
          problem: `"${maxUnhealthy}" of ${pool.replicas} machines is none, so this health check does nothing`,
          fix: 'write "40%" or "1", or healthCheck.enabled: false',
        },
      ];
    }),
});
