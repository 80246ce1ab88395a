import * as k8s from "@pulumi/kubernetes";
import type { ClusterPlan } from "../model/plan/plan";

/**
 * The only way to the management cluster. It upserts: after a killed run our own objects are there and not in the
 * state, and the preflight has refused those that are not ours.
 */
export function managementCluster(plan: ClusterPlan): k8s.Provider {
  const { context, kubeconfig } = plan.management;
  return new k8s.Provider("management", {
    context,
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    clusterIdentifier: `management:${context}`,
    // Otherwise a changed password or render replaces the object, and Metal3's finalizer holds the delete for ever.
    enableConfigMapMutable: true,
    enableSecretMutable: true,
    upsertExistingObjects: true,
  });
}
