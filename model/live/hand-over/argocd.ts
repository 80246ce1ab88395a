import type { KubernetesObject } from "../../kubernetes/object";
import type { HandOver } from "./tool";

/**
 * The Application that owns Cilium. It has no finalizer, so deleting it leaves Cilium running; nothing is pruned, and what
 * somebody changes by hand in an outage is shown and not undone.
 */
export function argocdApplication({ plan, namespace, destination, repository }: HandOver): KubernetesObject {
  const { version, values } = plan.cilium;
  return {
    apiVersion: "argoproj.io/v1alpha1",
    kind: "Application",
    metadata: { name: `${plan.name}-cilium`, namespace },
    spec: {
      project: "default",
      source: {
        repoURL: repository,
        chart: "cilium",
        targetRevision: version,
        // The release's name stands in no object of the chart, but Helm hooks and notes know it.
        helm: { releaseName: "cilium", valuesObject: values },
      },
      destination: { name: destination, namespace: "kube-system" },
      syncPolicy: {
        automated: { prune: false, selfHeal: false },
        // Objects are there already, so they are taken over field by field and not replaced.
        syncOptions: [
          "ServerSideApply=true",
          "CreateNamespace=false",
          "Prune=false",
          "ApplyOutOfSyncOnly=true",
        ],
      },
    },
  };
}
