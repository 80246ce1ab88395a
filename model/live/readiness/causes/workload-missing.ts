import { unapplied } from "../cluster-assessment";
import type { CauseRule } from "../cause";
import { workloadName, workloadState } from "../workload";

/** A part of Cilium that the render holds is not in the workload cluster, and nobody will bring it. */
export const workloadMissing: CauseRule = {
  id: "cilium/workload-missing",
  why: "The resource set has applied everything it will ever apply, or the stack has written it already.",
  // Longer than nodes/cni-absent, which says more when a node already suffers from it.
  graceSeconds: 60,
  find({ plan, observation }) {
    if (plan.subject === "bgp" || plan.subject === "control-plane") return [];
    if (observation.workload.trouble !== undefined) return [];
    if (plan.subject === "cluster" && unapplied(plan, observation).length > 0) return [];
    return plan.workloads
      .map((workload) => workloadState(workload, observation))
      .filter((state) => state.listed && state.object === undefined)
      .map((state) => ({
        object: workloadName(state.workload).replace(" ", "/"),
        who: plan.cluster,
        problem: `${workloadName(state.workload)} does not exist in the workload cluster`,
        evidence:
          plan.subject === "cluster"
            ? `ClusterResourceSetBinding/${plan.cluster} says that all payloads are applied`
            : "the stack has applied its objects before this wait began",
        fix: "compare what runs with the render: npm run metal -- diagnose; then run pulumi refresh and pulumi up",
      }));
  },
};
