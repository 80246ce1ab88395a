import { stringify } from "yaml";
import type { KubernetesObject } from "../../kubernetes/object";
import { type HandOver, inCluster, unpruned } from "./rules";

/** The files of a hand-over by name. Equal hand-overs give equal bytes. */
export function handOverFiles(handOver: HandOver): ReadonlyMap<string, string> {
  const { tool, plan, bgp } = handOver;
  const owner = tool === "argocd" ? [argocdApplication(handOver)] : fluxObjects(handOver);
  const files = new Map([["cilium.yaml", textOf(owner)]]);
  if (bgp && plan.bgp !== undefined) {
    files.set("bgp.yaml", textOf(plan.bgp.objects.map((object) => unpruned(tool, object))));
  }
  return files;
}

function textOf(objects: readonly unknown[]): string {
  return objects
    .map((object) => stringify(object, { version: "1.1", lineWidth: 0, aliasDuplicateObjects: false }))
    .join("---\n");
}

/**
 * The chart and the release that own Cilium. Remediation of a failed install is an uninstall, and of a failed upgrade a
 * rollback; both would take the network away, so neither is tried: a person decides.
 */
function fluxObjects({ plan, namespace, destination, repository }: HandOver): readonly KubernetesObject[] {
  const { version, values } = plan.cilium;
  const name = `${plan.name}-cilium`;
  const timeout = `${plan.timeouts.rollout}m`;
  const never = { retries: 0, remediateLastFailure: false };
  const objects: readonly KubernetesObject[] = [
    {
      apiVersion: "source.toolkit.fluxcd.io/v1",
      kind: "OCIRepository",
      metadata: { name, namespace },
      spec: {
        interval: "1h",
        url: repository,
        ref: { tag: version },
        layerSelector: {
          mediaType: "application/vnd.cncf.helm.chart.content.v1.tar+gzip",
          operation: "copy",
        },
      },
    },
    {
      apiVersion: "helm.toolkit.fluxcd.io/v2",
      kind: "HelmRelease",
      metadata: { name, namespace },
      spec: {
        interval: "1h",
        timeout,
        chartRef: { kind: "OCIRepository", name },
        releaseName: "cilium",
        targetNamespace: "kube-system",
        storageNamespace: "kube-system",
        ...(destination === inCluster
          ? {}
          : // Cluster API keeps and renews this Secret, so the tool never holds an old one.
            { kubeConfig: { secretRef: { name: destination, key: "value" } } }),
        // The objects are there already: the release takes them over instead of refusing them.
        install: { crds: "Skip", disableTakeOwnership: false, remediation: never },
        upgrade: { crds: "Skip", disableTakeOwnership: false, cleanupOnFail: false, remediation: never },
        driftDetection: { mode: "warn" },
        values,
      },
    },
  ];
  return objects.map((object) => unpruned("flux", object));
}

/**
 * The Application that owns Cilium. It has no finalizer, so deleting it leaves Cilium running; nothing is pruned, and what
 * an operator changes by hand in an outage is shown and not undone.
 */
function argocdApplication({ plan, namespace, destination, repository }: HandOver): KubernetesObject {
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
