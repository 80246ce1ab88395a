import { defineCheck } from "../check";
import { rebootedPools } from "../machine-pools";

/** Metal3 counts repetitions and wants one at least: there is no single reboot. */
export const rebootsCounted = defineCheck({
  id: "health/reboots-counted",
  why: "Metal3 repeats a reboot at least once, so that one reboot cannot be asked for",
  run: (stack) =>
    rebootedPools(stack)
      .filter(({ reboots }) => reboots === 1)
      .map(({ at }) => ({
        at: `${at}.healthCheck.reboots`,
        problem: "Metal3 reboots an unhealthy machine twice at least, and 1 is written",
        fix: "write 2, or 0 to have Cluster API replace the machine",
      })),
});
