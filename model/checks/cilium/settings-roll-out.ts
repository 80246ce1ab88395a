import { defineCheck } from "../check";
import { userValue } from "./user-values";

/** Helm values that restart pods when their settings change, and what stays behind without each. */
const switches: Readonly<Record<string, string>> = {
  rollOutCiliumPods: "the agents",
  "operator.rollOutPods": "the operator",
  "envoy.rollOutPods": "Envoy",
};

export const settingsRollOut = defineCheck({
  id: "cilium/settings-roll-out",
  why: "Cilium reads its settings once, so that a change stays without effect until somebody restarts its pods",
  severity: "warning",
  run: (stack) =>
    Object.entries(switches).flatMap(([path, who]) =>
      userValue(stack, path) !== false
        ? []
        : [
            {
              at: `cilium.values.${path}`,
              problem: `with false ${who} go on with old settings after a change`,
              fix: "remove it",
            },
          ],
    ),
});
