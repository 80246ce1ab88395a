import { clusterRule } from "../cause";
import { condition, isCurrent } from "../../../kubernetes/condition";
import { managed } from "../observation";

/** A Secret among the payloads has a type that the controller does not accept. */
export const payloadWrongType = clusterRule({
  id: "resource-set/payload-wrong-type",
  why: "A Secret's type cannot change, so the controller will refuse it for ever.",
  graceSeconds: 20,
  find({ observation, plan }) {
    const set = managed(observation, "resourceSets", plan.resourceSet.name);
    const says = condition(set, "ResourcesApplied");
    if (set === undefined || says?.reason !== "WrongSecretType" || !isCurrent(set, says)) return [];
    return [
      {
        object: `ClusterResourceSet/${plan.resourceSet.name}`,
        who: plan.cluster,
        problem: "a Secret of the resource set has the wrong type",
        evidence: `ResourcesApplied=False WrongSecretType: "${says.message}"`,
        fix: "delete that Secret and run pulumi up: it must have type addons.cluster.x-k8s.io/resource-set",
      },
    ];
  },
});
