import { defineCheck } from "../check";

export const startupTimeoutRealistic = defineCheck({
  id: "health/startup-timeout-realistic",
  why: "a machine is deleted before it has booted, its host is wiped, and so on for ever",
  run: ({ controlPlane, workers }) =>
    [
      { at: "controlPlane", check: controlPlane.healthCheck },
      ...workers.map(({ healthCheck }, i) => ({ at: `workers[${i}]`, check: healthCheck })),
    ].flatMap(({ at, check: { enabled, nodeStartupTimeoutSeconds: seconds } }) =>
      !enabled || seconds === 0 || seconds >= 1800
        ? []
        : [
            {
              at: `${at}.healthCheck.nodeStartupTimeoutSeconds`,
              problem: `${seconds} s is shorter than a bare-metal provision`,
              fix: "write 7200",
            },
          ],
    ),
});
