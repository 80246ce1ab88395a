import type { AgentNotification, RouterReach } from "./bgp/session-cause";
import type { Pod } from "../kubernetes/core";
import { type KubernetesObject, text } from "../kubernetes/object";
import type { KindOf, resources } from "../kubernetes/resources";
import {
  clusterNameLabel,
  agentSelector,
  ciliumSelector,
  clusterLabel,
  isSelected,
  ownerLabel,
} from "../kubernetes/labels";

/** What is read in the management cluster, with its kinds. Secrets, everywhere, are read without their content. */
export const managementKinds = {
  hosts: "BareMetalHost",
  clusters: "Cluster",
  controlPlanes: "KubeadmControlPlane",
  machineDeployments: "MachineDeployment",
  machineSets: "MachineSet",
  machines: "Machine",
  healthChecks: "MachineHealthCheck",
  remediations: "Metal3Remediation",
  kubeadmConfigs: "KubeadmConfig",
  bootstrapTemplates: "KubeadmConfigTemplate",
  metal3Clusters: "Metal3Cluster",
  metal3Machines: "Metal3Machine",
  machineTemplates: "Metal3MachineTemplate",
  dataTemplates: "Metal3DataTemplate",
  datas: "Metal3Data",
  dataClaims: "Metal3DataClaim",
  ipPools: "IPPool",
  ipClaims: "IPClaim",
  ipAddresses: "IPAddress",
  resourceSets: "ClusterResourceSet",
  bindings: "ClusterResourceSetBinding",
  payloads: "ConfigMap",
  secrets: "Secret",
  events: "Event",
} as const satisfies Record<string, keyof typeof resources>;
export type ManagementPart = keyof typeof managementKinds;
export const managementParts = Object.keys(managementKinds) as readonly ManagementPart[];

/** What is read in the workload cluster. Pods and ConfigMaps are those of the namespaces where Cilium and the system run. */
export const workloadKinds = {
  nodes: "Node",
  pods: "Pod",
  daemonSets: "DaemonSet",
  deployments: "Deployment",
  configMaps: "ConfigMap",
  disruptionBudgets: "PodDisruptionBudget",
  leases: "Lease",
  services: "Service",
  customResourceDefinitions: "CustomResourceDefinition",
  ciliumNodes: "CiliumNode",
  bgpClusterConfigs: "CiliumBGPClusterConfig",
  bgpNodeConfigs: "CiliumBGPNodeConfig",
  bgpPeerConfigs: "CiliumBGPPeerConfig",
  bgpAdvertisements: "CiliumBGPAdvertisement",
  loadBalancerPools: "CiliumLoadBalancerIPPool",
  events: "Event",
} as const satisfies Record<string, keyof typeof resources>;
export type WorkloadPart = keyof typeof workloadKinds;
export const workloadParts = Object.keys(workloadKinds) as readonly WorkloadPart[];

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

/** Why a cluster cannot be queried at present, or refuses something that must be read. Times are epoch milliseconds. */
export interface Trouble {
  readonly since: number;
  readonly message: string;
  /** HTTP status when the server did answer, and refused; absent when it did not answer. */
  readonly status?: number;
}

/** One of the two clusters. */
export interface Side<Part extends string> {
  readonly server?: string;
  /** Whether it has answered at least once. */
  readonly reached: boolean;
  /** While there is some, the parts hold what was seen before, if anything. */
  readonly trouble?: Trouble;
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
    /**
     * Metal3Machines of the namespace that a planned host names as its consumer and that `metal3Machines` lacks, by name: each
     * was read by itself after the lists, whatever its cluster. One that does not exist has no objects.
     */
    readonly consumers?: Readonly<Record<string, Reading>>;
  };
  readonly workload: Side<WorkloadPart> & {
    /** Whether Secret `<cluster>-kubeconfig` is there; undefined when that is unknown. */
    readonly kubeconfig?: boolean;
    readonly credentials: readonly Credential[];
    /** The agents' log entries about sessions that are down, by node; absent when the logs were not read. */
    readonly notifications?: Readonly<Record<string, readonly AgentNotification[]>>;
    /** Routers that were tried from here, by `address port`. */
    readonly routers?: Readonly<Record<string, RouterReach>>;
  };
  /** The probes of the workload cluster's /readyz; absent where none are sent. */
  readonly probes?: EndpointProbes;
}

/** How an endpoint answers. */
export interface EndpointProbes {
  /** Since when every probe succeeded; absent while they fail or none was sent. */
  readonly steadySince?: number;
  readonly lastError?: string;
}

/** How the endpoint answers: by its probes, or by the one look that the snapshot is. */
export function endpointOf({ probes, workload }: Snapshot): EndpointProbes {
  if (probes !== undefined) return probes;
  return workload.trouble === undefined ? { steadySince: 0 } : { lastError: workload.trouble.message };
}

/** The objects of one part of the management cluster; none when they were not read. */
export function inManagement<Part extends ManagementPart>(
  { management }: Snapshot,
  part: Part,
): readonly KindOf<(typeof managementKinds)[Part]>[] {
  return (management.parts[part].objects ?? []) as readonly KindOf<(typeof managementKinds)[Part]>[];
}

/** The objects of one part of the workload cluster; none when they were not read. */
export function inWorkload<Part extends WorkloadPart>(
  { workload }: Snapshot,
  part: Part,
): readonly KindOf<(typeof workloadKinds)[Part]>[] {
  return (workload.parts[part].objects ?? []) as readonly KindOf<(typeof workloadKinds)[Part]>[];
}

/** Cilium's pods in the workload cluster. */
export function ciliumPods(snapshot: Snapshot): readonly Pod[] {
  return inWorkload(snapshot, "pods").filter((pod) => isSelected(pod, ciliumSelector));
}

/** The pods of Cilium's agent: of all its pods the ones that bring the CNI and BGP to their node. */
export function agentPods(snapshot: Snapshot): readonly Pod[] {
  return inWorkload(snapshot, "pods").filter((pod) => isSelected(pod, agentSelector));
}

/** Each part is searched for one name after the other. */
const indexes = new WeakMap<readonly KubernetesObject[], ReadonlyMap<string, KubernetesObject>>();

/** One object by name. */
export function named<Kind extends KubernetesObject>(
  objects: readonly Kind[],
  name: string | undefined,
): Kind | undefined {
  const index = indexes.get(objects) ?? new Map(objects.map((object) => [object.metadata.name, object]));
  indexes.set(objects, index);
  return name === undefined ? undefined : (index.get(name) as Kind | undefined);
}

/** Whether an object is not plainly another cluster's; several stacks may share a namespace. */
export function belongsTo(cluster: string, object: KubernetesObject): boolean {
  const found = clusterOf(object);
  return found === undefined || found === cluster;
}

/** The cluster that an object names as its own; undefined where it names none. */
export function clusterOf(object: KubernetesObject): string | undefined {
  const labels = object.metadata.labels ?? {};
  return (
    labels[clusterNameLabel] ??
    labels[clusterLabel] ??
    labels[ownerLabel] ??
    text(object, "spec", "clusterName")
  );
}
