import { defineCheck } from "../check";
import { machinePools } from "../machine-pools";

/** A server's firmware takes minutes to start; five is quick (facts/anchors.md 6). */
const rebootSeconds = 300;

export const rebootSurvives = defineCheck({
  id: "health/reboot-survives",
  why: "a server that restarts for a kernel update is taken for dead, powered off and in the end wiped",
  run: (stack) =>
    machinePools(stack).flatMap(({ at, healthCheck: { enabled, unhealthyAfterSeconds: seconds } }) =>
      !enabled || seconds >= rebootSeconds
        ? []
        : [
            {
              at: `${at}.healthCheck.unhealthyAfterSeconds`,
              problem: `${seconds} s is less than a server's firmware takes to start`,
              fix: "write 600",
            },
          ],
    ),
});
