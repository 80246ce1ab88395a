import type { BareMetalHost } from "../../kubernetes/metal3";
import type { KubernetesObject } from "../../kubernetes/object";
import { controlPlanePool, hostFailureDomainLabel } from "../../kubernetes/labels";

/**
 * On a host that was released with nodeReuse: `cp-<control plane>` or `md-<MachineDeployment>` whose next machine gets it
 * (CAPM3 v1.14 baremetal/metal3machine_manager.go, Delete and chooseHost). CAPM3 1.13 writes this label alone.
 */
export const nodeReuseLabel = "infrastructure.cluster.x-k8s.io/node-reuse";

/** What Metal3 writes on a host that a remediation has failed on; it never chooses such a host again. */
export const unhealthyAnnotations = ["capm3.metal3.io/unhealthy", "capi.metal3.io/unhealthy"] as const;

/** The marks of {@link unhealthyAnnotations} that a host carries. */
export function unhealthyMarks(host: KubernetesObject | undefined): readonly string[] {
  return unhealthyAnnotations.filter((key) => host?.metadata.annotations?.[key] !== undefined);
}

/** The consumer of a BareMetalHost, from its `spec.consumerRef`. */
export interface HostClaim {
  /** `machine`: a Metal3Machine runs on it, or will; `reuse`: wiped and kept for the next machine of a cluster's pool. */
  readonly by: "machine" | "reuse" | "other";
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
}

/** The claim on a host; undefined for a free one. */
export function claimOf(host: BareMetalHost | undefined): HostClaim | undefined {
  const name = host?.spec?.consumerRef?.name;
  const kind = host?.spec?.consumerRef?.kind;
  if (name === undefined && kind === undefined) return undefined;
  return {
    by: kind === "Metal3Machine" ? "machine" : kind === "Cluster" ? "reuse" : "other",
    kind: kind ?? "object",
    name: name ?? "",
    namespace: host?.spec?.consumerRef?.namespace ?? host?.metadata.namespace ?? "",
  };
}

/** Whether a host runs nothing and waits for the next machine of this cluster, which shares its namespace. */
export function isKeptFor(host: BareMetalHost | undefined, cluster: string): boolean {
  const claim = claimOf(host);
  return (
    claim?.by === "reuse" && claim.name === cluster && claim.namespace === (host?.metadata.namespace ?? "")
  );
}

/** Name of what holds a host, mostly a Metal3Machine; undefined for a host that is free or only kept for this cluster. */
export function holderOf(host: BareMetalHost | undefined, cluster: string): string | undefined {
  return isKeptFor(host, cluster) ? undefined : claimOf(host)?.name;
}

/**
 * What Metal3 keeps a host for (`md-capi-1-gpu`), where that is another pool than the host's: no machine of its pool is
 * placed on it then, and no machine of the other pool selects it.
 */
export function keptForOtherPool(
  host: BareMetalHost | undefined,
  cluster: string,
  pool: string,
): string | undefined {
  const kept = host?.metadata.labels?.[nodeReuseLabel];
  if (kept === undefined) return undefined;
  const own = pool === controlPlanePool ? `cp-${cluster}` : `md-${cluster}-${pool}`;
  // A pool that is spread over failure domains has a MachineDeployment in each.
  const domain = host?.metadata.labels?.[hostFailureDomainLabel];
  return kept === own || (domain !== undefined && kept === `${own}-${domain}`) ? undefined : kept;
}
