import { field } from "../../../kubernetes/object";
import type { CauseRule } from "../cause";
import { managed } from "../observation";

/** The Cluster is absent, on its way out, or paused. */
export const clusterGone: CauseRule = {
  id: "cluster/not-reconciled",
  why: "Controllers do nothing for a Cluster that is absent, being deleted or paused.",
  // Pauses of clusterctl move and of maintenance scripts are short.
  graceSeconds: 60,
  find({ plan, observation }) {
    if (observation.management.objects.clusters === undefined) return [];
    const cluster = managed(observation, "clusters", plan.cluster);
    const about = { object: `Cluster/${plan.cluster}`, who: plan.cluster };
    if (cluster === undefined) {
      return [
        {
          ...about,
          problem: "the Cluster object does not exist",
          evidence: `namespace ${plan.namespace} has no Cluster "${plan.cluster}"`,
          fix: "run pulumi refresh, then pulumi up",
        },
      ];
    }
    if (cluster.metadata.deletionTimestamp !== undefined) {
      return [
        {
          ...about,
          problem: "the Cluster is being deleted",
          evidence: `deletionTimestamp ${cluster.metadata.deletionTimestamp}`,
          fix: "wait until it is gone, then run pulumi refresh and pulumi up",
        },
      ];
    }
    if (field(cluster, "spec", "paused") === true) {
      return [
        {
          ...about,
          problem: "the Cluster is paused, so nothing happens",
          evidence: "spec.paused is true",
          fix: "end the pause (spec.paused: false), then run pulumi up again",
        },
      ];
    }
    return [];
  },
};
