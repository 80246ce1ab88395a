import type { ResourceType } from "./object";

const namespaced = (apiVersion: string, kind: string, plural: string): ResourceType => ({
  apiVersion,
  kind,
  plural,
  namespaced: true,
});
const clusterWide = (apiVersion: string, kind: string, plural: string): ResourceType => ({
  apiVersion,
  kind,
  plural,
  namespaced: false,
});

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
  HardwareData: namespaced("metal3.io/v1alpha1", "HardwareData", "hardwaredata"),
  BareMetalHost: namespaced("metal3.io/v1alpha1", "BareMetalHost", "baremetalhosts"),
  Cluster: namespaced("cluster.x-k8s.io/v1beta2", "Cluster", "clusters"),
  Machine: namespaced("cluster.x-k8s.io/v1beta2", "Machine", "machines"),
  MachineSet: namespaced("cluster.x-k8s.io/v1beta2", "MachineSet", "machinesets"),
  MachineDeployment: namespaced("cluster.x-k8s.io/v1beta2", "MachineDeployment", "machinedeployments"),
  MachineHealthCheck: namespaced("cluster.x-k8s.io/v1beta2", "MachineHealthCheck", "machinehealthchecks"),
  KubeadmControlPlane: namespaced(
    "controlplane.cluster.x-k8s.io/v1beta2",
    "KubeadmControlPlane",
    "kubeadmcontrolplanes",
  ),
  KubeadmConfig: namespaced("bootstrap.cluster.x-k8s.io/v1beta2", "KubeadmConfig", "kubeadmconfigs"),
  KubeadmConfigTemplate: namespaced(
    "bootstrap.cluster.x-k8s.io/v1beta2",
    "KubeadmConfigTemplate",
    "kubeadmconfigtemplates",
  ),
  ClusterResourceSet: namespaced(
    "addons.cluster.x-k8s.io/v1beta2",
    "ClusterResourceSet",
    "clusterresourcesets",
  ),
  ClusterResourceSetBinding: namespaced(
    "addons.cluster.x-k8s.io/v1beta2",
    "ClusterResourceSetBinding",
    "clusterresourcesetbindings",
  ),
  Metal3Cluster: namespaced("infrastructure.cluster.x-k8s.io/v1beta2", "Metal3Cluster", "metal3clusters"),
  Metal3Machine: namespaced("infrastructure.cluster.x-k8s.io/v1beta2", "Metal3Machine", "metal3machines"),
  Metal3MachineTemplate: namespaced(
    "infrastructure.cluster.x-k8s.io/v1beta2",
    "Metal3MachineTemplate",
    "metal3machinetemplates",
  ),
  Metal3Data: namespaced("infrastructure.cluster.x-k8s.io/v1beta2", "Metal3Data", "metal3datas"),
  Metal3DataClaim: namespaced(
    "infrastructure.cluster.x-k8s.io/v1beta2",
    "Metal3DataClaim",
    "metal3dataclaims",
  ),
  Metal3DataTemplate: namespaced(
    "infrastructure.cluster.x-k8s.io/v1beta2",
    "Metal3DataTemplate",
    "metal3datatemplates",
  ),
  Metal3Remediation: namespaced(
    "infrastructure.cluster.x-k8s.io/v1beta2",
    "Metal3Remediation",
    "metal3remediations",
  ),
  Metal3RemediationTemplate: namespaced(
    "infrastructure.cluster.x-k8s.io/v1beta2",
    "Metal3RemediationTemplate",
    "metal3remediationtemplates",
  ),
  IPPool: namespaced("ipam.metal3.io/v1alpha1", "IPPool", "ippools"),
  IPClaim: namespaced("ipam.metal3.io/v1alpha1", "IPClaim", "ipclaims"),
  IPAddress: namespaced("ipam.metal3.io/v1alpha1", "IPAddress", "ipaddresses"),
  CiliumNode: clusterWide("cilium.io/v2", "CiliumNode", "ciliumnodes"),
  CiliumBGPClusterConfig: clusterWide("cilium.io/v2", "CiliumBGPClusterConfig", "ciliumbgpclusterconfigs"),
  CiliumBGPPeerConfig: clusterWide("cilium.io/v2", "CiliumBGPPeerConfig", "ciliumbgppeerconfigs"),
  CiliumBGPAdvertisement: clusterWide("cilium.io/v2", "CiliumBGPAdvertisement", "ciliumbgpadvertisements"),
  CiliumBGPNodeConfig: clusterWide("cilium.io/v2", "CiliumBGPNodeConfig", "ciliumbgpnodeconfigs"),
  CiliumBGPNodeConfigOverride: clusterWide(
    "cilium.io/v2",
    "CiliumBGPNodeConfigOverride",
    "ciliumbgpnodeconfigoverrides",
  ),
  CiliumLoadBalancerIPPool: clusterWide(
    "cilium.io/v2",
    "CiliumLoadBalancerIPPool",
    "ciliumloadbalancerippools",
  ),
} as const satisfies Record<string, ResourceType>;
