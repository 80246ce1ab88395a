import type { Difference } from "./differing";

/** Why a field of a kind is another one in the plan. An empty reason: it says nothing that a person decided. */
interface Reason {
  readonly kind: RegExp;
  readonly at: RegExp;
  readonly why: string;
}

const reference = "";
const ofMetal3 = "Metal3 sets it when it provisions the host";

const reasons: readonly Reason[] = [
  // References follow the names that the stack gives.
  reason(/^Cluster$/, /^spec\.(infrastructureRef|controlPlaneRef|controlPlaneEndpoint)/, reference),
  reason(/^(KubeadmControlPlane|MachineDeployment)$/, /(infrastructureRef|configRef)\.name$/, reference),
  reason(/^Metal3MachineTemplate$/, /dataTemplate\.(name|namespace)$/, reference),
  reason(/^Metal3DataTemplate$/, /^spec\.clusterName$/, reference),
  reason(/^MachineHealthCheck$/, /^spec\.(selector|remediation\.templateRef)/, reference),
  reason(
    /^(MachineDeployment|KubeadmControlPlane)$/,
    /^spec\.(selector|(machineT|t)emplate\.metadata\.labels)/,
    reference,
  ),
  reason(
    /^BareMetalHost$/,
    /^spec\.(bmc\.credentialsName|networkData|preprovisioningNetworkDataName)/,
    reference,
  ),
  reason(/^CiliumBGPClusterConfig$/, /peerConfigRef/, reference),
  reason(/^CiliumBGPPeerConfig$/, /families\[.*\]\.advertisements/, reference),
  reason(/^CiliumBGPAdvertisement$/, /^metadata\.labels|selector\.matchExpressions/, reference),
  reason(/^IPPool$/, /^spec\.(clusterName|namePrefix|prefix)$/, reference),
  // What every stack writes itself.
  reason(/^(Kubeadm)/, /kubeletExtraArgs\[node-labels\]/, reference),
  reason(/^(Kubeadm)/, /kubeletExtraArgs\[node-ip\]/, "the stack writes node-ip from the host's address"),
  reason(
    /^(Kubeadm)/,
    /kubeletExtraArgs\[provider-id\]/,
    "Metal3 finds nodes by the label metal3.io/uuid, and sets the provider ID",
  ),
  reason(/^(Kubeadm)/, /files\[[^\]]*kube-vip[^\]]*\]/, "the stack writes its own static pod of kube-vip"),
  reason(
    /^(Kubeadm)/,
    /KubeadmCommands\[.*(kube-vip|super-admin)/,
    "the stack has its own commands for kube-vip",
  ),
  reason(
    /^(Kubeadm)/,
    /clusterConfiguration\.(networking|kubernetesVersion|clusterName|controlPlaneEndpoint)/,
    "Cluster API fills it in from the Cluster and its endpoint",
  ),
  reason(/^(Kubeadm)/, /\.(apiVersion|kind)$/, reference),
  reason(
    /^Metal3MachineTemplate$/,
    /hostSelector/,
    "hosts are selected by metal.internal/cluster and metal.internal/pool",
  ),
  reason(/^Metal3DataTemplate$/, /^spec\.metaData/, "the stack decides the metadata of its machines"),
  reason(
    /^Metal3DataTemplate$/,
    /^spec\.networkData\.links\.bonds/,
    "machines with addresses from a pool get no bonds; give the hosts addresses of their own",
  ),
  reason(
    /^Metal3DataTemplate$/,
    /macAddress/,
    "the MAC address of a port is the host's: hosts[].links, which the inspection does not change",
  ),
  reason(/^IPPool$/, /allocationStrategy/, "Metal3 IPAM decides it"),
  reason(
    /^Metal3Cluster$/,
    /failureDomains/,
    "a stack has the failure domains of its hosts: hosts[].failureDomain",
  ),
  reason(/^Metal3Cluster$/, /noCloudProvider/, "replaced by cloudProviderEnabled"),
  reason(/^BareMetalHost$/, /^spec\.(consumerRef|image|userData|metaData|online)/, ofMetal3),
  reason(
    /^CiliumBGPClusterConfig$/,
    /peers\[.*\]\.name$|peers\[[^\]]*\]$/,
    "sessions are named after their router and family",
  ),
];

function reason(kind: RegExp, at: RegExp, why: string): Reason {
  return { kind, at, why };
}

/** The reason for a difference; undefined where there is none but that a stack file says it in another way, or not at all. */
export function whyOf(kind: string, { at }: Difference): string | undefined {
  return reasons.find((each) => each.kind.test(kind) && each.at.test(at))?.why;
}
