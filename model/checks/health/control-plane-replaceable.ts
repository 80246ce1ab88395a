import { controlPlanePool } from "../../plan/labels";
import { rebootsOf } from "../../plan/machine-pool";
import { defineCheck } from "../check";

export const controlPlaneReplaceable = defineCheck({
  id: "health/control-plane-replaceable",
  why: "Cluster API never replaces the only control plane machine, so the health check silently does nothing",
  run: ({ controlPlane }) =>
    controlPlane.replicas > 1 ||
    !controlPlane.healthCheck.enabled ||
    rebootsOf(controlPlanePool, controlPlane) > 0
      ? []
      : [
          {
            at: "controlPlane.healthCheck.reboots",
            problem:
              "without reboots only replacing is left, and a single control plane machine cannot be replaced",
            fix: "write reboots: 2, or healthCheck.enabled: false, or 3 replicas",
          },
        ],
});
