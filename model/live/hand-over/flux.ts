import type { KubernetesObject } from "../../kubernetes/object";
import { type HandOver, inCluster, unpruned } from "./tool";

/**
 * The chart and the release that own Cilium. Remediation of a failed install is an uninstall, and of a failed upgrade a
 * rollback; both would take the network away, so neither is tried: a person decides.
 */
export function fluxObjects({
  plan,
  namespace,
  destination,
  repository,
}: HandOver): readonly KubernetesObject[] {
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
