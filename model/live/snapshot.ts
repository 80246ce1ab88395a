import type { AgentNotification } from "./bgp/agent-log";
import { type KubernetesObject, text } from "../kubernetes/object";
import { clusterLabel, ownerLabel } from "../kubernetes/labels";

/** What is read in the management cluster. Secrets, everywhere, are read without their content. */
export const managementParts = [
  "hosts",
  "clusters",
  "controlPlanes",
  "machineDeployments",
  "machineSets",
  "machines",
  "healthChecks",
  "remediations",
  "kubeadmConfigs",
  "bootstrapTemplates",
  "metal3Clusters",
  "metal3Machines",
  "machineTemplates",
  "dataTemplates",
  "datas",
  "dataClaims",
  "ipPools",
  "ipClaims",
  "ipAddresses",
  "resourceSets",
  "bindings",
  "payloads",
  "secrets",
  "events",
] as const;
export type ManagementPart = (typeof managementParts)[number];

/** What is read in the workload cluster. Pods and ConfigMaps are those of the namespaces where Cilium and the system run. */
export const workloadParts = [
  "nodes",
  "pods",
  "daemonSets",
  "deployments",
  "configMaps",
  "disruptionBudgets",
  "leases",
  "services",
  "customResourceDefinitions",
  "ciliumNodes",
  "bgpClusterConfigs",
  "bgpNodeConfigs",
  "bgpPeerConfigs",
  "bgpAdvertisements",
  "loadBalancerPools",
  "events",
] as const;
export type WorkloadPart = (typeof workloadParts)[number];

/** Why something is not known. */
export interface Unread {
  readonly why: string;
  /** The HTTP status when the server did answer, and refused. */
  readonly status?: number;
}

/** All objects of one part as they were last seen, or why they were not. Times are epoch milliseconds. */
export interface Reading {
  /** When `objects` were true; when the read failed, if they never were. */
  readonly at: number;
  readonly objects?: readonly KubernetesObject[];
  /** Why there is nothing newer. Objects that come with it are as old as `at`. */
  readonly unread?: Unread;
}

/** One of the two clusters. */
export interface Side<Part extends string> {
  readonly server?: string;
  /** Why nothing can be queried at present; the parts then hold what was seen before, if anything. */
  readonly unreachable?: string;
  readonly parts: Readonly<Record<Part, Reading>>;
}

/** A certificate that ends. */
export interface Credential {
  /** `kubeconfig` for the client's certificate, `ca` for the cluster's authority. */
  readonly name: "kubeconfig" | "ca";
  /** `Secret/capi-1-kubeconfig`. */
  readonly object: string;
  readonly notAfter: number;
}

/** Everything of a stack at one moment, as plain data. */
export interface Snapshot {
  readonly cluster: string;
  readonly namespace: string;
  /** When the reading began. */
  readonly at: number;
  readonly management: Side<ManagementPart> & {
    /** What Cluster API would note as the hash of each payload now, by name. */
    readonly payloadHashes?: Readonly<Record<string, string>>;
  };
  readonly workload: Side<WorkloadPart> & {
    /** Whether Secret `<cluster>-kubeconfig` is there; undefined when that is unknown. */
    readonly kubeconfig?: boolean;
    readonly credentials: readonly Credential[];
    /** The agents' log entries about sessions that are down, by node; absent when the logs were not read. */
    readonly notifications?: Readonly<Record<string, readonly AgentNotification[]>>;
  };
}

/** The objects of one part of the management cluster; none when they were not read. */
export function inManagement(snapshot: Snapshot, part: ManagementPart): readonly KubernetesObject[] {
  return snapshot.management.parts[part].objects ?? [];
}

/** The objects of one part of the workload cluster; none when they were not read. */
export function inWorkload(snapshot: Snapshot, part: WorkloadPart): readonly KubernetesObject[] {
  return snapshot.workload.parts[part].objects ?? [];
}

/** One object by name. */
export function named(
  objects: readonly KubernetesObject[],
  name: string | undefined,
): KubernetesObject | undefined {
  return objects.find((object) => object.metadata.name === name);
}

/** What Cluster API writes on everything that belongs to a Cluster. */
export const clusterNameLabel = "cluster.x-k8s.io/cluster-name";

/** Whether an object is not plainly another cluster's; several stacks may share a namespace. */
export function belongsTo(cluster: string, object: KubernetesObject): boolean {
  const labels = object.metadata.labels ?? {};
  const said =
    labels[clusterNameLabel] ??
    labels[clusterLabel] ??
    labels[ownerLabel] ??
    text(object, "spec", "clusterName");
  return said === undefined || said === cluster;
}
