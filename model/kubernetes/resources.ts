import type * as capi from "./cluster-api";
import type * as cilium from "./cilium";
import type * as core from "./core";
import type * as metal3 from "./metal3";
import type { KubernetesObject, ResourceType } from "./object";

/** The versions of the providers' APIs that this project speaks; the types of their objects are of the same versions. */
export const contracts = {
  core: "cluster.x-k8s.io/v1beta2",
  controlPlane: "controlplane.cluster.x-k8s.io/v1beta2",
  bootstrap: "bootstrap.cluster.x-k8s.io/v1beta2",
  addons: "addons.cluster.x-k8s.io/v1beta2",
  infrastructure: "infrastructure.cluster.x-k8s.io/v1beta2",
  metal3: "metal3.io/v1alpha1",
  ipam: "ipam.metal3.io/v1alpha1",
  cilium: "cilium.io/v2",
  ciliumL2: "cilium.io/v2alpha1",
} as const;

/** Every kind whose fields have types. */
type TypedObject =
  | core.ConfigMap
  | core.DaemonSet
  | core.Deployment
  | core.Event
  | core.Lease
  | core.Node
  | core.Pod
  | core.Service
  | capi.Cluster
  | capi.ClusterResourceSet
  | capi.ClusterResourceSetBinding
  | capi.KubeadmConfigTemplate
  | capi.KubeadmControlPlane
  | capi.Machine
  | capi.MachineDeployment
  | capi.MachineHealthCheck
  | metal3.BareMetalHost
  | metal3.HardwareData
  | metal3.IPAddress
  | metal3.IPClaim
  | metal3.IPPool
  | metal3.Metal3Cluster
  | metal3.Metal3Data
  | metal3.Metal3DataTemplate
  | metal3.Metal3Machine
  | metal3.Metal3MachineTemplate
  | metal3.Metal3Remediation
  | metal3.Metal3RemediationTemplate
  | cilium.CiliumBGPAdvertisement
  | cilium.CiliumBGPClusterConfig
  | cilium.CiliumBGPNodeConfig
  | cilium.CiliumBGPNodeConfigOverride
  | cilium.CiliumBGPPeerConfig
  | cilium.CiliumL2AnnouncementPolicy
  | cilium.CiliumLoadBalancerIPPool
  | cilium.CiliumNode;

/** An object of a kind, with its fields where they have types. */
export type KindOf<Name extends string> = Name extends TypedObject["kind"]
  ? Extract<TypedObject, { readonly kind: Name }>
  : KubernetesObject;

const typeOf =
  <const Namespaced extends boolean>(namespaced: Namespaced) =>
  <const Version extends string, const Kind extends string>(
    apiVersion: Version,
    kind: Kind,
    plural: string,
  ) => ({ apiVersion, kind, plural, namespaced });
const namespaced = typeOf(true);
const clusterWide = typeOf(false);

/** The kinds that this project reads or writes by name. */
export const resources = {
  Namespace: clusterWide("v1", "Namespace", "namespaces"),
  Node: clusterWide("v1", "Node", "nodes"),
  Pod: namespaced("v1", "Pod", "pods"),
  Secret: namespaced("v1", "Secret", "secrets"),
  ConfigMap: namespaced("v1", "ConfigMap", "configmaps"),
  Service: namespaced("v1", "Service", "services"),
  Event: namespaced("v1", "Event", "events"),
  Lease: namespaced("coordination.k8s.io/v1", "Lease", "leases"),
  DaemonSet: namespaced("apps/v1", "DaemonSet", "daemonsets"),
  Deployment: namespaced("apps/v1", "Deployment", "deployments"),
  PodDisruptionBudget: namespaced("policy/v1", "PodDisruptionBudget", "poddisruptionbudgets"),
  CustomResourceDefinition: clusterWide(
    "apiextensions.k8s.io/v1",
    "CustomResourceDefinition",
    "customresourcedefinitions",
  ),
  Provider: namespaced("clusterctl.cluster.x-k8s.io/v1alpha3", "Provider", "providers"),
  HardwareData: namespaced(contracts.metal3, "HardwareData", "hardwaredata"),
  BareMetalHost: namespaced(contracts.metal3, "BareMetalHost", "baremetalhosts"),
  Cluster: namespaced(contracts.core, "Cluster", "clusters"),
  Machine: namespaced(contracts.core, "Machine", "machines"),
  MachineSet: namespaced(contracts.core, "MachineSet", "machinesets"),
  MachineDeployment: namespaced(contracts.core, "MachineDeployment", "machinedeployments"),
  MachineHealthCheck: namespaced(contracts.core, "MachineHealthCheck", "machinehealthchecks"),
  KubeadmControlPlane: namespaced(contracts.controlPlane, "KubeadmControlPlane", "kubeadmcontrolplanes"),
  KubeadmConfig: namespaced(contracts.bootstrap, "KubeadmConfig", "kubeadmconfigs"),
  KubeadmConfigTemplate: namespaced(contracts.bootstrap, "KubeadmConfigTemplate", "kubeadmconfigtemplates"),
  ClusterResourceSet: namespaced(contracts.addons, "ClusterResourceSet", "clusterresourcesets"),
  ClusterResourceSetBinding: namespaced(
    contracts.addons,
    "ClusterResourceSetBinding",
    "clusterresourcesetbindings",
  ),
  Metal3Cluster: namespaced(contracts.infrastructure, "Metal3Cluster", "metal3clusters"),
  Metal3Machine: namespaced(contracts.infrastructure, "Metal3Machine", "metal3machines"),
  Metal3MachineTemplate: namespaced(
    contracts.infrastructure,
    "Metal3MachineTemplate",
    "metal3machinetemplates",
  ),
  Metal3Data: namespaced(contracts.infrastructure, "Metal3Data", "metal3datas"),
  Metal3DataClaim: namespaced(contracts.infrastructure, "Metal3DataClaim", "metal3dataclaims"),
  Metal3DataTemplate: namespaced(contracts.infrastructure, "Metal3DataTemplate", "metal3datatemplates"),
  Metal3Remediation: namespaced(contracts.infrastructure, "Metal3Remediation", "metal3remediations"),
  Metal3RemediationTemplate: namespaced(
    contracts.infrastructure,
    "Metal3RemediationTemplate",
    "metal3remediationtemplates",
  ),
  IPPool: namespaced(contracts.ipam, "IPPool", "ippools"),
  IPClaim: namespaced(contracts.ipam, "IPClaim", "ipclaims"),
  IPAddress: namespaced(contracts.ipam, "IPAddress", "ipaddresses"),
  CiliumNode: clusterWide(contracts.cilium, "CiliumNode", "ciliumnodes"),
  CiliumBGPClusterConfig: clusterWide(contracts.cilium, "CiliumBGPClusterConfig", "ciliumbgpclusterconfigs"),
  CiliumBGPPeerConfig: clusterWide(contracts.cilium, "CiliumBGPPeerConfig", "ciliumbgppeerconfigs"),
  CiliumBGPAdvertisement: clusterWide(contracts.cilium, "CiliumBGPAdvertisement", "ciliumbgpadvertisements"),
  CiliumBGPNodeConfig: clusterWide(contracts.cilium, "CiliumBGPNodeConfig", "ciliumbgpnodeconfigs"),
  CiliumBGPNodeConfigOverride: clusterWide(
    contracts.cilium,
    "CiliumBGPNodeConfigOverride",
    "ciliumbgpnodeconfigoverrides",
  ),
  CiliumL2AnnouncementPolicy: clusterWide(
    contracts.ciliumL2,
    "CiliumL2AnnouncementPolicy",
    "ciliuml2announcementpolicies",
  ),
  CiliumLoadBalancerIPPool: clusterWide(
    contracts.cilium,
    "CiliumLoadBalancerIPPool",
    "ciliumloadbalancerippools",
  ),
} satisfies Record<string, ResourceType> & {
  readonly [Typed in TypedObject as Typed["kind"]]: Pick<Typed, "apiVersion" | "kind">;
};
