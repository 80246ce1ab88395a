import { clusterRule } from "../cause";
import { conditions, isCurrent } from "../../../kubernetes/condition";
import { type ManagementWatch, allManaged } from "../observation";

const watches: readonly ManagementWatch[] = [
  "clusters",
  "controlPlanes",
  "machineDeployments",
  "machines",
  "metal3Machines",
];

/** A controller cannot write what the plan asks for, because an admission webhook says no. */
export const webhookRefused = clusterRule({
  id: "machines/webhook-refused",
  why: "A webhook that answers and denies will deny the same object again; one that is merely down says something else.",
  // Conditions stay until the controller's next try, which may come just after somebody mended the cause.
  graceSeconds: 60,
  find: ({ observation, plan }) =>
    watches.flatMap((watch) =>
      allManaged(observation, watch).flatMap((object) =>
        conditions(object)
          .filter((entry) => /admission webhook .*denied/i.test(entry.message) && isCurrent(object, entry))
          .slice(0, 1)
          .map((entry) => ({
            object: `${object.kind}/${object.metadata.name}`,
            who: plan.cluster,
            problem: "an admission webhook refuses what the controller has to create",
            evidence: `condition ${entry.type}: "${entry.message}"`,
            fix: "correct the field that the message names in the stack file, then run pulumi up again",
          })),
      ),
    ),
});
