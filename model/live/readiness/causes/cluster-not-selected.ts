import { field, selects } from "../../../kubernetes/object";
import { clusterRule } from "../cause";
import { managed } from "../observation";
import { unapplied } from "../cluster-assessment";

/** The resource set is absent or selects other clusters than ours. */
export const clusterNotSelected = clusterRule({
  id: "resource-set/cluster-not-selected",
  why: "A resource set that does not select the cluster never applies anything to it, and shows no condition at all.",
  graceSeconds: 20,
  find({ observation, plan }) {
    const cluster = managed(observation, "clusters", plan.cluster);
    if (cluster === undefined || observation.management.objects.resourceSets === undefined) return [];
    if (unapplied(plan, observation).length === 0) return [];
    const set = managed(observation, "resourceSets", plan.resourceSet.name);
    const selector = field(set, "spec", "clusterSelector");
    if (set !== undefined && selects(selector, cluster.metadata.labels)) return [];
    const about = { object: `ClusterResourceSet/${plan.resourceSet.name}`, who: plan.cluster };
    return [
      set === undefined
        ? {
            ...about,
            problem: "the ClusterResourceSet does not exist",
            evidence: `namespace ${plan.namespace} has no ClusterResourceSet "${plan.resourceSet.name}"`,
            fix: "run pulumi refresh, then pulumi up: the stack creates it again",
          }
        : {
            ...about,
            problem: `the resource set does not select Cluster ${plan.cluster}`,
            evidence: `clusterSelector ${JSON.stringify(selector)}, labels ${JSON.stringify(cluster.metadata.labels ?? {})}`,
            fix: "give the Cluster the labels of the selector; the selector itself cannot change",
          },
    ];
  },
});
