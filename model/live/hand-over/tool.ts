import type { KubernetesObject } from "../../kubernetes/object";
import type { ClusterPlan } from "../../plan/plan";

/** What may own Cilium after the bootstrap. */
export const gitopsTools = ["argocd", "flux"] as const;
export type GitopsTool = (typeof gitopsTools)[number];

/** What is handed over, and where the tool finds the cluster and the chart. */
export interface HandOver {
  readonly tool: GitopsTool;
  readonly plan: ClusterPlan;
  /** Namespace of the tool's own objects. */
  readonly namespace: string;
  /** `in-cluster` when the tool runs in the cluster itself; else how it calls the cluster. */
  readonly destination: string;
  /** Where the tool gets the chart. */
  readonly repository: string;
  /** Whether BGP's objects are handed over too. */
  readonly bgp: boolean;
}

/** The tool runs in the very cluster that it is to change. */
export const inCluster = "in-cluster";

/** Where the released charts are; for Flux as an OCI artifact, which carries the chart's name. */
export const defaultRepository: Readonly<Record<GitopsTool, string>> = {
  argocd: "https://helm.cilium.io",
  flux: "oci://quay.io/cilium/charts/cilium",
};

/** Where a peer or a pool is taken out of the repository, nothing must be torn down without a review. */
const unprunedBy: Readonly<Record<GitopsTool, Readonly<Record<string, string>>>> = {
  argocd: { "argocd.argoproj.io/sync-options": "Prune=false" },
  flux: { "kustomize.toolkit.fluxcd.io/prune": "disabled" },
};

/** An object that the tool does not delete when it leaves the repository. */
export function unpruned(tool: GitopsTool, object: KubernetesObject): KubernetesObject {
  const annotations = { ...object.metadata.annotations, ...unprunedBy[tool] };
  return { ...object, metadata: { ...object.metadata, annotations } };
}
