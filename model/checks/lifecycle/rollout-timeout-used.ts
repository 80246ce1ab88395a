import { stackSchema } from "../../config/schema";
import { defineCheck } from "../check";

export const rolloutTimeoutUsed = defineCheck({
  id: "lifecycle/rollout-timeout-used",
  why: "only a stack that owns Cilium waits for its rollout, so the number silently does nothing",
  severity: "warning",
  run: ({ cilium: { lifecycle }, timeouts: { rollout } }) =>
    lifecycle === "pulumi" || rollout === stackSchema.shape.timeouts.parse(undefined).rollout
      ? []
      : [
          {
            at: "timeouts.rollout",
            problem: `${rollout} minutes are waited for by nobody with cilium.lifecycle ${lifecycle}`,
            fix: "remove it, or write lifecycle: pulumi",
          },
        ],
});
