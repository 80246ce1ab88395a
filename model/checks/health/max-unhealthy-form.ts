import { defineCheck } from "../check";
import { machinePools } from "../machine-pools";
import { allowance } from "./allowance";

export const maxUnhealthyForm = defineCheck({
  id: "health/max-unhealthy-form",
  why: "Cluster API refuses the health check, or reads it as none",
  run: (stack) =>
    machinePools(stack).flatMap((pool) =>
      allowance(pool) !== undefined
        ? []
        : [
            {
              at: `${pool.at}.healthCheck.maxUnhealthy`,
              problem: `"${pool.healthCheck.maxUnhealthy}" is neither a number of machines nor a share of them`,
              fix: 'write it quoted, such as "40%" or "1"',
            },
          ],
    ),
});
