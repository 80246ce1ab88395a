import type { Deployment, Lease } from "../../kubernetes/core";
import { type CheckResult, type Problem, judged, unknown } from "./check-result";
import { deploymentsOf, providers } from "./providers";

/** What tells whether the ClusterResourceSet controller, which is part of Cluster API's core, is at work. */
export interface ResourceSetController {
  readonly deployments: readonly Deployment[];
  /** Leases named controller-leader-election-capi. */
  readonly leases: readonly Lease[];
  /** The present, milliseconds. */
  readonly now: number;
}

/** The Lease of Cluster API's core manager. */
export const coreLease = "controller-leader-election-capi";
/** A lease is renewed every few seconds; this allows for clocks that differ. */
const silentMinutes = 5;

/** A controller applies the resource set: without it the nodes never get their CNI. */
export function judgeResourceSetController(seen: ResourceSetController): CheckResult {
  const core = providers.find(({ image }) => image === "cluster-api-controller");
  const found = core === undefined ? [] : deploymentsOf(core, seen.deployments);
  const off = found.filter(({ deployment }) => switchedOff(deployment));
  const problems: Problem[] = off.map(({ deployment }) => ({
    at: "management.context",
    problem: `Deployment ${deployment.metadata.name} runs with --feature-gates=ClusterResourceSet=false, so Cilium would not be applied`,
    fix: "switch the feature gate on there (EXP_CLUSTER_RESOURCE_SET=true for clusterctl)",
  }));
  const idle = found.filter(({ deployment }) => (deployment.status?.readyReplicas ?? 0) < 1);
  for (const { deployment } of idle) {
    problems.push({
      at: "management.context",
      problem: `Deployment ${deployment.metadata.namespace ?? ""}/${deployment.metadata.name}, which applies resource sets, has no ready replica`,
      fix: `kubectl -n ${deployment.metadata.namespace ?? ""} describe deployment ${deployment.metadata.name}`,
    });
  }
  const stale = seen.leases.filter((lease) => minutesSince(lease, seen.now) > silentMinutes);
  const [silent] = stale;
  if (silent !== undefined && stale.length === seen.leases.length) {
    problems.push({
      at: "management.context",
      problem: `Cluster API's manager has not renewed its lease for ${Math.round(minutesSince(silent, seen.now))} min, so Cilium would not be applied`,
      fix: `look at the pods of the namespace ${silent.metadata.namespace ?? "capi-system"}`,
    });
  }
  const evidence = [
    ...found.map(({ deployment }) => `Deployment ${deployment.metadata.name} ready`),
    ...seen.leases.filter((lease) => !stale.includes(lease)).map((lease) => `leased by ${holder(lease)}`),
  ];
  if (evidence.length === 0 && problems.length === 0) {
    return unknown("neither a Deployment nor a leader's Lease of Cluster API's core manager was found");
  }
  return judged(evidence.join(", "), problems);
}

function switchedOff(deployment: Deployment): boolean {
  return (deployment.spec?.template?.spec?.containers ?? []).some(({ args = [] }) =>
    args.some((argument) => /feature-gates=.*\bClusterResourceSet=false/.test(argument)),
  );
}

function minutesSince(lease: Lease, now: number): number {
  const renewed = Date.parse(lease.spec?.renewTime ?? "");
  return Number.isNaN(renewed) ? Infinity : (now - renewed) / 60_000;
}

function holder(lease: Lease): string {
  return lease.spec?.holderIdentity?.split("_")[0] ?? "(none)";
}
