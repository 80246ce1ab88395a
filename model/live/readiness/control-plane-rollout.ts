import type { Assessment } from "./assessment";
import { assessHosts } from "./cluster-assessment";
import { assessControlPlane, isInitialised } from "./control-plane-assessment";
import { hostStates } from "./host-state";
import { assessMachines } from "./machine-assessment";
import { type Observation, managed } from "./observation";
import type { ClusterReadinessPlan } from "../../plan/readiness";

/**
 * The control plane alone, before workers are touched. A cluster that does not exist yet, or never got as far as an API
 * server, has nothing that workers could run ahead of: then there is nothing to wait for.
 */
export function assessControlPlaneRollout(plan: ClusterReadinessPlan, observation: Observation): Assessment {
  const listed = observation.management.objects.clusters !== undefined;
  if (!listed || !isInitialised(managed(observation, "clusters", plan.cluster))) {
    const text = "nothing runs yet that workers could run ahead of";
    return {
      statuses: listed ? [{ key: "control-plane/none", who: plan.cluster, phase: "control", text }] : [],
      missing: listed ? [] : [{ who: plan.cluster, what: "the list of Clusters" }],
      milestones: [],
    };
  }
  const parts = [
    assessMachines(plan, observation),
    assessHosts(plan, hostStates(plan, observation), observation.management.objects.hosts !== undefined),
    assessControlPlane(plan, observation),
  ];
  const missing = parts.flatMap((part) => part.missing);
  return {
    statuses: parts.flatMap((part) => part.statuses),
    missing,
    milestones: [{ phase: "rollout", started: true, done: missing.length === 0 }],
  };
}
