import { defineCheck } from "../check";
import { machinePools } from "../machine-pools";

export const drainEnds = defineCheck({
  id: "pools/drain-ends",
  why: "one disruption budget that allows nothing then holds up a rollout for ever, without a word",
  severity: "warning",
  run: (stack) =>
    machinePools(stack).flatMap(({ at, drainTimeoutSeconds }) =>
      drainTimeoutSeconds > 0
        ? []
        : [
            {
              at: `${at}.drainTimeoutSeconds`,
              problem: "0 does not mean at once: it means that draining may take for ever",
              fix: "write 900",
            },
          ],
    ),
});
