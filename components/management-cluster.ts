import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { ClusterPlan } from "../model/plan/plan";
import { KubeconfigError, refuseUnfitKubeconfig, resolveKubeconfig } from "../ops/kubernetes/kubeconfig";
import { runError } from "./messages";

/**
 * The provider of the management cluster. It upserts: after a killed run our own objects exist without being in the state,
 * and the preflight has refused those that are not ours.
 */
export function managementCluster(plan: ClusterPlan): k8s.Provider {
  const { context, kubeconfig } = plan.management;
  return new k8s.Provider("management", {
    ...independentOfMachine,
    context,
    // Left out it is the provider that reads $KUBECONFIG, all of its files; the SDK would store the variable's text as a path.
    kubeconfig: kubeconfig ?? independentOfMachine.kubeconfig,
    clusterIdentifier: `management:${context}`,
    // Otherwise a changed password or render replaces the object, and Metal3's finalizer blocks the deletion indefinitely.
    enableConfigMapMutable: true,
    enableSecretMutable: true,
    upsertExistingObjects: true,
  });
}

/**
 * Throws a RunError where the management cluster's context cannot be used from this machine, before anything else runs: the
 * provider would report such a cluster as unreachable in every later run. An offline preview needs no context.
 */
export function requireManagementContext({ management }: Pick<ClusterPlan, "management">): void {
  try {
    // The provider reads the file in any case.
    refuseUnfitKubeconfig(management.kubeconfig, process.cwd());
    if (management.offlinePreview && pulumi.runtime.isDryRun()) return;
    resolveKubeconfig(management);
  } catch (error) {
    if (!(error instanceof KubeconfigError)) throw error;
    throw runError(
      `the management cluster "${management.context}" cannot be used from this machine; nothing was changed: ${error.message}\n` +
        "  fix: set $KUBECONFIG or management.kubeconfig to a kubeconfig with this context, or correct management.context",
    );
  }
}

/** No value, as an output: for `undefined` itself the SDK uses the value of an environment variable. */
const unset = pulumi.output<undefined>(undefined) as unknown as pulumi.Output<never>;

/**
 * Arguments of a Kubernetes provider that the SDK would fill from environment variables of the machine: the same stack would
 * show a changed provider on each machine.
 */
export const independentOfMachine = {
  deleteUnreachable: unset,
  enablePatchForce: unset,
  enableServerSideApply: unset,
  kubeconfig: unset,
  skipUpdateUnreachable: unset,
  suppressDeprecationWarnings: unset,
  suppressHelmHookWarnings: unset,
} satisfies k8s.ProviderArgs;
