import type { AgentNotification } from "../bgp/agent-log";
import type { RouterReach } from "../bgp/session-cause";
import type { KubernetesObject } from "../../kubernetes/object";

/** Objects of one watch by key; the key is the name, `namespace/name` for workloads and `Kind/name` for payloads. */
export type Objects = ReadonlyMap<string, KubernetesObject>;

/** What is watched in the management cluster. Secrets and ConfigMaps are kept without their content. */
export const managementWatches = [
  "hosts",
  "clusters",
  "controlPlanes",
  "machineDeployments",
  "machines",
  "metal3Machines",
  "resourceSets",
  "bindings",
  "payloads",
  "bmcSecrets",
] as const;
export type ManagementWatch = (typeof managementWatches)[number];

/** What is watched in the workload cluster. */
export const workloadWatches = [
  "nodes",
  "daemonSets",
  "deployments",
  "ciliumPods",
  "customResourceDefinitions",
  "bgpClusterConfigs",
  "bgpNodeConfigs",
  "bgpPeerConfigs",
] as const;
export type WorkloadWatch = (typeof workloadWatches)[number];

/** Why an API server (or one kind on it) cannot be read at present. Times are epoch milliseconds. */
export interface Trouble {
  readonly since: number;
  readonly message: string;
  /** HTTP status when the server did answer, and refused; absent when it did not answer. */
  readonly status?: number;
}

/** All that is known at one moment; a watch that is absent from `objects` has not been listed yet. */
export interface Observation {
  readonly management: {
    readonly objects: Readonly<Partial<Record<ManagementWatch, Objects>>>;
    /** Whether the API server has answered at least once. */
    readonly reached: boolean;
    readonly trouble?: Trouble;
  };
  readonly workload: {
    readonly objects: Readonly<Partial<Record<WorkloadWatch, Objects>>>;
    /** Whether Secret `<cluster>-kubeconfig` is there. */
    readonly kubeconfig: boolean;
    readonly reached: boolean;
    readonly trouble?: Trouble;
    /** NOTIFICATIONs in the logs of the agents whose sessions are not all established, by node. */
    readonly notifications?: ReadonlyMap<string, readonly AgentNotification[]>;
    /** Routers that were tried from here, by `address port`. */
    readonly routers?: ReadonlyMap<string, RouterReach>;
  };
  readonly endpoint: {
    /** Since when every probe of /readyz succeeded; absent while it fails or was never sent. */
    readonly steadySince?: number;
    readonly lastError?: string;
  };
}

/** One object of the management cluster, or undefined when it is absent or not listed yet. */
export function managed(
  observation: Observation,
  watch: ManagementWatch,
  key: string,
): KubernetesObject | undefined {
  return observation.management.objects[watch]?.get(key);
}

/** All objects of one watch of the management cluster. */
export function allManaged(observation: Observation, watch: ManagementWatch): readonly KubernetesObject[] {
  return [...(observation.management.objects[watch]?.values() ?? [])];
}

/** The pods of Cilium's agent: of all its pods the ones that bring the CNI and BGP to their node. */
export function agentPods(observation: Observation): readonly KubernetesObject[] {
  return allInWorkload(observation, "ciliumPods").filter(
    (pod) => pod.metadata.labels?.["k8s-app"] === "cilium",
  );
}

/** All objects of one watch of the workload cluster. */
export function allInWorkload(observation: Observation, watch: WorkloadWatch): readonly KubernetesObject[] {
  return [...(observation.workload.objects[watch]?.values() ?? [])];
}
