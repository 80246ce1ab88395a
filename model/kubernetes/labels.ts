import type { KubernetesObject } from "./object";

/** Our label domain: `.internal` is reserved for private use, and `cluster.x-k8s.io/*` belongs to the controllers. */
const domain = "metal.internal";

/** On every object of a stack: which stack owns it. The preflight refuses objects with another owner. */
export const ownerLabel = `${domain}/stack`;
/** On hosts and the Cluster: which cluster they belong to; host selectors and resource sets select on it. */
export const clusterLabel = `${domain}/cluster`;
/** On hosts, machines and nodes: control-plane, or the worker pool's name. An annotation on hosts that are out of service. */
export const poolLabel = `${domain}/pool`;
/**
 * On nodes: the failure domain of their host, where every host of the pool names one. On the machines of a pool that is
 * spread over failure domains as well.
 */
export const failureDomainLabel = `${domain}/failure-domain`;
/** On hosts: the failure domain, as Metal3 reads it for the placement of control plane machines. */
export const hostFailureDomainLabel = "infrastructure.cluster.x-k8s.io/failure-domain";
/** On CiliumBGPAdvertisements: the peer that they are announced to. */
export const advertiseLabel = `${domain}/advertise`;
/** On hosts: the node's fixed address, read into the machine's metadata as nodeIP. */
export const nodeAddressAnnotation = `${domain}/node-address`;
/** On hosts: the node's fixed address of the second family, read into the machine's metadata as secondaryNodeIP. */
export const secondaryAddressAnnotation = `${domain}/secondary-node-address`;
/** On hosts with an address from the pool: the MAC address of the port that boots. */
export const bootMacAnnotation = `${domain}/boot-mac`;
/** On hosts with an address from the pool: the MAC address of a port, by the port's name. */
export const portMacAnnotation = (port: string): string => `${domain}/mac-${port}`;
/** On hosts: a digest of the network that the next installation of the machine will get. */
export const networkAnnotation = `${domain}/network`;
/** On the Cluster: the minor version of the Cilium that it was first installed with. */
export const installedCiliumAnnotation = `${domain}/installed-cilium`;
/**
 * On MachineDeployments: the bounds of the cluster autoscaler, by which it finds them. Without `spec.replicas` Cluster API's
 * webhook keeps the number that it finds, brings it between the bounds, and starts with the least one (Cluster API v1.14
 * core/webhooks/admission/machinedeployment.go).
 */
export const autoscalerBounds = {
  least: "cluster.x-k8s.io/cluster-api-autoscaler-node-group-min-size",
  most: "cluster.x-k8s.io/cluster-api-autoscaler-node-group-max-size",
} as const;
/** On MachineDeployments: what the cluster autoscaler assumes of a machine while there is none (`cpu`, `memory`, `labels`, `taints`). */
export const capacityAnnotation = (what: "cpu" | "memory" | "labels" | "taints"): string =>
  `capacity.cluster-autoscaler.kubernetes.io/${what}`;
/** Cluster API's label on what belongs to a cluster: its name. */
export const clusterNameLabel = "cluster.x-k8s.io/cluster-name";
/** Cluster API's own label on control plane Machines. */
export const controlPlaneLabel = "cluster.x-k8s.io/control-plane";
/** The pool name of control plane machines. */
export const controlPlanePool = "control-plane";

/** Selects what Cilium's chart renders, and its pods. */
export const ciliumSelector = "app.kubernetes.io/part-of=cilium";
/** Selects the pods of Cilium's agent: the chart's DaemonSet selects them by it, which cannot change. */
export const agentSelector = "k8s-app=cilium";

/** Selects the pods of Cilium's operator. */
export const operatorSelector = "io.cilium/app=operator";

/** Whether an object has the label of a selector, `key=value`. */
export function isSelected({ metadata }: KubernetesObject, selector: `${string}=${string}`): boolean {
  const [key = "", value] = selector.split("=");
  return metadata.labels?.[key] === value;
}
