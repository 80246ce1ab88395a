import type { Stack } from "../../stack/schema";
import { clusterLabel } from "../../kubernetes/labels";
import { contracts } from "../../kubernetes/resources";
import type { ResourceSetPlan } from "../plan";
import { managementMetadata } from "./metadata";

/**
 * The ConfigMap that will carry the rendered Cilium (still empty) and the set that applies it to this cluster only.
 * Selector and strategy of a set cannot change, and a replaced set takes its payload with it (cluster-api#3399): so a
 * set of the other strategy has another name, as has its payload.
 */
export function planResourceSet(stack: Stack): ResourceSetPlan {
  const reapplies = stack.cilium.lifecycle === "resource-set";
  const name = `${stack.name}-cilium${reapplies ? "-reconciled" : ""}`;
  return {
    payload: { apiVersion: "v1", kind: "ConfigMap", metadata: managementMetadata(stack, name) },
    secretPayload: {
      apiVersion: "v1",
      kind: "Secret",
      // Any other type is refused by the controller.
      type: "addons.cluster.x-k8s.io/resource-set",
      metadata: managementMetadata(stack, name),
    },
    resourceSet: {
      apiVersion: contracts.addons,
      kind: "ClusterResourceSet",
      metadata: managementMetadata(stack, name),
      spec: {
        strategy: reapplies ? "Reconcile" : "ApplyOnce",
        clusterSelector: { matchLabels: { [clusterLabel]: stack.name } },
        resources: [{ kind: "ConfigMap", name }],
      },
    },
  };
}
