import { defineCheck } from "../check";

export const controlPlaneReplaceable = defineCheck({
  id: "health/control-plane-replaceable",
  why: "Cluster API never replaces the only control plane machine, so the health check silently does nothing",
  run: ({ controlPlane: { replicas, healthCheck } }) =>
    replicas > 1 || !healthCheck.enabled || healthCheck.reboots > 0
      ? []
      : [
          {
            at: "controlPlane.healthCheck.reboots",
            problem:
              "without reboots only replacing is left, and a single control plane machine cannot be replaced",
            fix: "write reboots: 1, or healthCheck.enabled: false, or 3 replicas",
          },
        ],
});
