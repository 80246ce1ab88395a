import { stringify } from "yaml";
import type { KubernetesObject } from "../../kubernetes/object";
import type { Explained } from "../../findings/finding";
import { type CheckResult, judged, notApplicable } from "../preflight/check-result";
import { type Running, known } from "../verify/check";
import { judgeSame } from "../verify/objects";
import type { ClusterPlan } from "../../plan/plan";

/** Something that must hold before Cilium is handed over. */
export interface HandOverRule extends Explained {
  judge(handOver: HandOver, running: Running): CheckResult;
}

const first = "bring the cluster and the stack file together first: pulumi up, then npm run metal -- verify";

/** What must hold before a hand-over, in the order of the report. */
export const handOverRules: readonly HandOverRule[] = [
  {
    id: "gitops/render-runs",
    summary: "The running Cilium is what the stack renders.",
    why: "the tool's first sync would change the network of a running cluster",
    judge: (_handOver, { cilium }) => known(cilium, (objects) => judgeSame(objects, first)),
  },
  {
    id: "gitops/bgp-runs",
    summary: "The running BGP objects are those of the stack.",
    why: "the tool's first sync would change routes",
    judge: ({ bgp: asked, plan }, { bgp }) => {
      if (!asked) return notApplicable("BGP stays with the stack (--bgp hands it over)");
      if (plan.bgp === undefined) return notApplicable("the stack has no bgp");
      // Passwords stay with the stack, which keeps them secret.
      return known(bgp, (objects) =>
        judgeSame(
          objects.filter(({ planned }) => planned.kind !== "Secret"),
          first,
        ),
      );
    },
  },
  {
    id: "gitops/chart-same",
    summary: "The tool uses the chart that the stack uses.",
    why: "another chart of the same version may render other objects",
    judge: ({ tool, plan, repository }) => {
      const { chartDirectory, version } = plan.cilium;
      const elsewhere = chartDirectory !== undefined && repository === defaultRepository[tool];
      return judged(
        `chart cilium ${version} of ${repository}`,
        elsewhere
          ? [
              {
                at: "cilium.chartDirectory",
                problem: `the running Cilium was rendered from the chart in ${chartDirectory}, which ${repository} may not hold`,
                fix: "say where the tool finds the same chart: --repository, or take cilium.chartDirectory out and run pulumi up",
              },
            ]
          : [],
      );
    },
  },
  {
    id: "gitops/values-public",
    summary: "The values contain no private key.",
    why: "a private key in a repository is no longer private",
    judge: ({ plan }, { render }) =>
      known(render, ({ secrets }) =>
        judged(
          "no private keys among the values",
          secrets === undefined && !holdsPrivateKey(plan.cilium.values)
            ? []
            : [
                {
                  at: "cilium.values",
                  problem: "the render holds Secrets made of private keys in the stack file",
                  fix: "let the cluster make them (hubble.tls.auto.method: cronJob), or give the tool an existing Secret",
                },
              ],
        ),
      ),
  },
];

/** Private keys are named by their place in the stack file, which starts like this. */
function holdsPrivateKey(values: unknown): boolean {
  return JSON.stringify(values).includes('"cilium.values.');
}

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
const inCluster = "in-cluster";

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
function unpruned(tool: GitopsTool, object: KubernetesObject): KubernetesObject {
  const annotations = { ...object.metadata.annotations, ...unprunedBy[tool] };
  return { ...object, metadata: { ...object.metadata, annotations } };
}

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
