import { defineCheck } from "../check";
import { rebootedPools } from "../machine-pools";

/** Power-off, the firmware's start, boot and kubelet take a quarter of an hour on many servers. */
const leastSeconds = 900;

/** The time of one reboot covers everything from the power-off to a node that is ready. */
export const rebootTimeoutRealistic = defineCheck({
  id: "health/reboot-timeout-realistic",
  why: "a server whose firmware takes long is marked unhealthy while it still starts, and Metal3 never chooses it again",
  run: (stack) =>
    rebootedPools(stack)
      .filter(({ healthCheck }) => healthCheck.rebootTimeoutSeconds < leastSeconds)
      .map(({ at, healthCheck }) => ({
        at: `${at}.healthCheck.rebootTimeoutSeconds`,
        problem: `${healthCheck.rebootTimeoutSeconds} s must cover power-off, firmware, boot and kubelet`,
        fix: "write 1800",
      })),
});
