import { controlPlanePool } from "../../plan/labels";
import { defineCheck } from "../check";
import { rebootedPools } from "../machine-pools";

/**
 * After the last reboot CAPM3 sets the condition OwnerRemediated only in status.deprecated.v1beta1, and Cluster API reads
 * only the current conditions (CAPM3 v1.13.2 to v1.14 baremetal/metal3remediation_manager.go, Cluster API v1.13 and v1.14
 * util/collections/machine_filters.go): no supported pair of releases replaces the machine.
 */
export const rebootsReplace = defineCheck({
  id: "health/reboots-replace",
  why: "when reboots do not help, no supported release of Metal3 lets Cluster API replace the machine: it stays until a person does",
  severity: "warning",
  run: (stack) =>
    rebootedPools(stack)
      .filter(({ name, replicas }) => name !== controlPlanePool || replicas > 1)
      .map(({ at, reboots }) => ({
        at: `${at}.healthCheck.reboots`,
        problem: `a machine that ${reboots} reboots do not help is not replaced by itself`,
        fix: "write 0 to have Cluster API replace it, or be ready for npm run metal -- recover machine",
      })),
});
