import type { Stack } from "../config/schema";
import { clusterLabel } from "../plan/labels";
import type { ResourceSetPlan } from "../plan/plan";
import { managementMetadata } from "./metadata";

/**
 * The ConfigMap that will carry the rendered Cilium (still empty) and the set that applies it to this cluster only.
 * Names and selector never change: a replaced set takes its payload with it (cluster-api#3399).
 */
export function planResourceSet(stack: Stack): ResourceSetPlan {
  const name = `${stack.name}-cilium`;
  return {
    payload: { apiVersion: "v1", kind: "ConfigMap", metadata: managementMetadata(stack, name) },
    resourceSet: {
      apiVersion: "addons.cluster.x-k8s.io/v1beta2",
      kind: "ClusterResourceSet",
      metadata: managementMetadata(stack, name),
      spec: {
        strategy: "ApplyOnce",
        clusterSelector: { matchLabels: { [clusterLabel]: stack.name } },
        resources: [{ kind: "ConfigMap", name }],
      },
    },
  };
}
