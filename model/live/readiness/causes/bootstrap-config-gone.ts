import { clusterRule } from "../cause";
import { condition } from "../../../kubernetes/condition";
import { allManaged } from "../observation";

/**
 * A machine's KubeadmConfig is gone, and nobody makes another. Seen in the rehearsal with Cluster API 1.14.2: after a restart
 * of the API server its MachineSet controller deletes, with caches of different age, the KubeadmConfig of a machine that it
 * has just created.
 */
export const bootstrapConfigGone = clusterRule({
  id: "machines/bootstrap-config-gone",
  why: "A machine's KubeadmConfig is made once, with the machine; without it the machine never gets a host.",
  // Right after its creation Cluster API may see the machine before it sees what belongs to it.
  graceSeconds: 120,
  find({ observation, plan }) {
    return allManaged(observation, "machines").flatMap((machine) => {
      const says = condition(machine, "BootstrapConfigReady");
      if (machine.metadata.deletionTimestamp !== undefined) return [];
      if (says?.status !== "False" || says.reason !== "ObjectDoesNotExist") return [];
      const { name } = machine.metadata;
      return [
        {
          object: `Machine/${name}`,
          who: plan.cluster,
          problem: `machine ${name} has lost its KubeadmConfig and never gets a host`,
          evidence: `condition BootstrapConfigReady: ${says.message}`,
          fix: `npm run metal -- recover machine ${name}: another machine is made in its place`,
        },
      ];
    });
  },
});
