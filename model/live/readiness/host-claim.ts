import type { BareMetalHost } from "../../kubernetes/metal3";
import type { KubernetesObject } from "../../kubernetes/object";
import { clusterNameLabel, controlPlanePool, hostFailureDomainLabel } from "../../kubernetes/labels";
import { type Reading, type Snapshot, belongsTo, clusterOf, inManagement, named } from "../snapshot";

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

/** Whose the consumer of a claimed host is. */
export type Consumer =
  /** A machine of this cluster. */
  | { readonly is: "ours" }
  /** A machine of another cluster or namespace, or no machine; `cluster` where one is named. */
  | { readonly is: "foreign"; readonly cluster?: string }
  /** A Metal3Machine of this cluster's namespace that does not exist. */
  | { readonly is: "absent" }
  | { readonly is: "unknown"; readonly why: string };

/** The one Metal3Machine of a name, or none where it does not exist; without objects where that is not known. */
export type FoundConsumer = Pick<Reading, "objects" | "unread">;

/** Whose hosts are judged, and where their consumers are looked up. */
export interface Consumers {
  readonly cluster: string;
  readonly namespace: string;
  /** Finds a Metal3Machine of the namespace, whatever its cluster. */
  readonly find: (name: string) => FoundConsumer;
}

/** Whose the consumer of a host is; undefined for a host that is free or only kept for this cluster. */
export function consumerAmong(
  host: BareMetalHost | undefined,
  { cluster, namespace, find }: Consumers,
): Consumer | undefined {
  const claim = claimOf(host);
  if (claim === undefined || isKeptFor(host, cluster)) return undefined;
  const label = host?.metadata.labels?.[clusterNameLabel];
  const isElsewhere = claim.by !== "machine" || claim.namespace !== namespace;
  if (isElsewhere || (label !== undefined && label !== cluster)) {
    return { is: "foreign", ...(label === undefined ? {} : { cluster: label }) };
  }
  const { objects, unread } = find(claim.name);
  if (objects === undefined) return { is: "unknown", why: unread?.why ?? "Metal3Machines were not read" };
  const [consumer] = objects;
  if (consumer === undefined) return { is: "absent" };
  const owner = clusterOf(consumer);
  return owner === undefined || belongsTo(cluster, consumer)
    ? { is: "ours" }
    : { is: "foreign", cluster: owner };
}

/**
 * {@link consumerAmong} the machines of a snapshot. Its list of Metal3Machines has those of this cluster alone, so one that is
 * not in it is absent only where the read by its name did not find it.
 */
export function consumerOf(host: BareMetalHost | undefined, snapshot: Snapshot): Consumer | undefined {
  const { parts, consumers = {} } = snapshot.management;
  const find = (name: string): FoundConsumer => {
    if (parts.metal3Machines.objects === undefined) return parts.metal3Machines;
    const listed = named(inManagement(snapshot, "metal3Machines"), name);
    if (listed !== undefined) return { objects: [listed] };
    const { objects, unread } = consumers[name] ?? {};
    return objects === undefined
      ? { unread: { why: `Metal3Machine ${name}: ${unread?.why ?? "not read"}` } }
      : { objects };
  };
  return consumerAmong(host, { cluster: snapshot.cluster, namespace: snapshot.namespace, find });
}

/** What claims a host, and of which cluster: `Metal3Machine capi-1/other-md-0-x of cluster "other"`; undefined for a free host. */
export function claimantText(host: BareMetalHost | undefined, cluster?: string): string | undefined {
  const claim = claimOf(host);
  if (claim === undefined) return undefined;
  const whose = cluster === undefined ? "" : ` of cluster "${cluster}"`;
  return `${claim.kind} ${claim.namespace}/${claim.name}${whose}`;
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
