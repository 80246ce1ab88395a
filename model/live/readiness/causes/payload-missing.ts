import { text } from "../../../kubernetes/object";
import { bindingEntries, unapplied } from "../cluster-assessment";
import { clusterRule } from "../cause";
import { conditionIs } from "../../../kubernetes/condition";
import { managed } from "../observation";

/** What the resource set should apply is not there; the controller skips it in silence and calls itself Applied. */
export const payloadMissing = clusterRule({
  id: "resource-set/payload-missing",
  why: "The controller skips a missing ConfigMap or Secret without an error, and never looks again by itself.",
  // Payload, resource set and binding are written one after the other and seen through different watches.
  graceSeconds: 20,
  find({ observation, plan }) {
    const { payloads, resourceSets } = observation.management.objects;
    if (payloads === undefined || resourceSets === undefined) return [];
    const set = managed(observation, "resourceSets", plan.resourceSet.name);
    const saysApplied = conditionIs(set, "ResourcesApplied", "True");
    return unapplied(plan, observation).flatMap((name) => {
      const kind = name.split("/")[0] ?? "";
      const entry = bindingEntries(plan, observation).find(
        (candidate) => `${text(candidate, "kind") ?? ""}/${text(candidate, "name") ?? ""}` === name,
      );
      const absent = !payloads.has(name);
      if (!absent && !(saysApplied && entry === undefined)) return [];
      return [
        {
          object: name,
          who: plan.cluster,
          problem: absent
            ? `${name} does not exist, so resource set ${plan.resourceSet.name} cannot apply it`
            : `resource set ${plan.resourceSet.name} calls itself applied, but has not applied ${name}`,
          evidence: absent
            ? `namespace ${plan.namespace} has no ${kind} of that name; ResourcesApplied=${saysApplied ? "True" : "not True"}`
            : `ResourcesApplied=True, and ClusterResourceSetBinding/${plan.cluster} has no entry for it`,
          fix: "run pulumi refresh, then pulumi up: the stack creates it again",
        },
      ];
    });
  },
});
