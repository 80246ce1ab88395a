import { text } from "../kubernetes/object";
import type { Difference } from "./differing";

function rolling(rollingUpdate: object): object {
  return { strategy: { type: "RollingUpdate", rollingUpdate } };
}

/** Fields that an API fills in by itself with what the stack states. */
const defaults: readonly (readonly [kind: RegExp, at: RegExp, value: unknown])[] = [
  [/^BareMetalHost$/, /^spec\.bootMode$/, "UEFI"],
  [/^BareMetalHost$/, /^spec\.automatedCleaningMode$/, "metadata"],
  [/^Metal3MachineTemplate$/, /^spec\.nodeReuse$/, false],
  [/^KubeadmControlPlane$/, /^spec\.rollout$/, rolling({ maxSurge: 1 })],
  [/^MachineDeployment$/, /^spec\.rollout$/, rolling({ maxSurge: 1, maxUnavailable: 0 })],
  [/^Cluster$/, /serviceDomain$/, "cluster.local"],
  [/^Kubeadm/, /files\[.*\]\.owner$/, "root:root"],
  [/^Kubeadm/, /files\[.*\]\.permissions$/, "0644"],
  [/^CiliumBGPPeerConfig$/, /connectRetryTimeSeconds$/, 120],
  [/^CiliumBGPPeerConfig$/, /ebgpMultihop$/, 1],
  [/^CiliumBGPPeerConfig$/, /^spec\.transport$/, { peerPort: 179 }],
  [/^CiliumL2AnnouncementPolicy$/, /IPs$/, false],
];

/** Whether the plan only states what the API would fill in. */
export function isDefault(kind: string, { at, planned }: Difference): boolean {
  const text = JSON.stringify(planned);
  return defaults.some((each) => each[0].test(kind) && each[1].test(at) && JSON.stringify(each[2]) === text);
}

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
  reason(/^(MachineDeployment|KubeadmControlPlane)$/, /^spec\.selector/, reference),
  reason(
    /^BareMetalHost$/,
    /^spec\.(bmc\.credentialsName|networkData|preprovisioningNetworkDataName)/,
    reference,
  ),
  reason(/^CiliumBGPClusterConfig$/, /peerConfigRef/, reference),
  reason(/^CiliumBGPPeerConfig$/, /families\[.*\]\.advertisements/, reference),
  reason(/^CiliumBGPAdvertisement$/, /^metadata\.labels/, reference),
  reason(/^IPPool$/, /^spec\.(clusterName|namePrefix|prefix)$/, reference),
  // What every stack writes itself.
  reason(
    /^(MachineDeployment|KubeadmControlPlane)$/,
    /^spec\.(machineTemplate|template)\.metadata/,
    "machines have the labels metal.internal/cluster and metal.internal/pool, and those that Cluster API keeps on nodes",
  ),
  reason(/^Metal3MachineTemplate$/, /automatedCleaningMode/, "hosts[].cleaning decides it for each host"),
  reason(
    /^CiliumBGPClusterConfig$/,
    /^spec\.bgpInstances\[[^\]]+\]$/,
    "each instance is planned as a configuration of its own",
  ),
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
  reason(
    /^Metal3DataTemplate$/,
    /^spec\.networkData\.services/,
    "the name servers are those of network.dns, which the pool has",
  ),
  reason(/^IPPool$/, /allocationStrategy/, "Metal3 IPAM decides it"),
  reason(
    /^Metal3Cluster$/,
    /failureDomains/,
    "a stack has the failure domains of its hosts: hosts[].failureDomain",
  ),
  reason(
    /^MachineDeployment$/,
    /^spec\.template\.spec\.failureDomain$/,
    "hosts have failure domains (hosts[].failureDomain), and a pool is bound to those in workers[].failureDomains",
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
export function whyOf(kind: string, difference: Difference): string | undefined {
  const { at } = difference;
  // An autoscaler decides it: the bounds are compared as annotations.
  if (kind === "MachineDeployment" && at === "spec.replicas" && difference.planned === undefined)
    return reference;
  if (kind === "BareMetalHost" && at === "spec.externallyProvisioned" && difference.given === false)
    return reference;
  if (isSaidOtherwise(difference)) return reference;
  return reasons.find((each) => each.kind.test(kind) && each.at.test(at))?.why;
}

/** Node labels that the plan has among its own, and a selector that holds for every service. */
function isSaidOtherwise({ at, given, planned }: Difference): boolean {
  if (/kubeletExtraArgs\[node-labels\](\.value)?$/.test(at)) {
    const labels = (value: unknown) =>
      (text(value, "value") ?? String(value ?? "")).split(",").filter((each) => each !== "");
    const known = new Set(labels(planned));
    return given === undefined || labels(given).every((label) => known.has(label));
  }
  const expression = given ?? planned;
  return (
    /^spec\.advertisements.*selector\.matchExpressions\[/.test(at) && text(expression, "operator") === "NotIn"
  );
}
