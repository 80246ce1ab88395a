import { defineCheck } from "../check";
import { machinePools } from "../machine-pools";

export const readyCoversStartup = defineCheck({
  id: "timeouts/ready-covers-startup",
  why: "the program gives up first, and the health check replaces the machine later, when nobody is looking",
  severity: "warning",
  run: (stack) =>
    machinePools(stack).flatMap(({ at, healthCheck: { enabled, nodeStartupTimeoutSeconds: seconds } }) =>
      !enabled || stack.timeouts.ready * 60 >= seconds
        ? []
        : [
            {
              at: `${at}.healthCheck.nodeStartupTimeoutSeconds`,
              problem: `${seconds} s are longer than timeouts.ready, ${stack.timeouts.ready} minutes`,
              fix: `write timeouts.ready: ${Math.ceil(seconds / 60)}, or a startup timeout of ${stack.timeouts.ready * 60}`,
            },
          ],
    ),
});
