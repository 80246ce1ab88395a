import type { ResourceType } from "../../model/kubernetes/object";
import { resources } from "../../model/kubernetes/resources";
import {
  type ManagementPart,
  type WorkloadPart,
  belongsTo,
  clusterNameLabel,
} from "../../model/live/snapshot";
import type { ClusterPlan } from "../../model/plan/plan";
import type { Source } from "../kubernetes/informer";

/** What of a plan decides what is read. */
export type Place = Pick<ClusterPlan, "name" | "namespace" | "resourceSet">;

/** Where Cilium and the control plane's own pods run. */
const systemNamespace = "kube-system";

/** Every part of the management cluster. */
export function managementSources({
  name,
  namespace,
  resourceSet,
}: Place): readonly Source<ManagementPart>[] {
  const among = (
    part: ManagementPart,
    type: ResourceType,
    which: Pick<Source<string>, "keep" | "query">,
  ) => ({
    part,
    type,
    namespace,
    ...which,
  });
  const own = (part: ManagementPart, type: ResourceType) =>
    among(part, type, { keep: (object) => belongsTo(name, object) });
  const labelled = (part: ManagementPart, type: ResourceType) =>
    among(part, type, { query: { labelSelector: `${clusterNameLabel}=${name}` } });
  const only = (part: ManagementPart, type: ResourceType, object: string) =>
    among(part, type, { query: { fieldSelector: `metadata.name=${object}` } });
  return [
    // All of the namespace: Metal3 chooses among them, so a host of another stack, or of none, may be the cause.
    { part: "hosts", type: resources.BareMetalHost, namespace },
    only("clusters", resources.Cluster, name),
    only("controlPlanes", resources.KubeadmControlPlane, name),
    own("machineDeployments", resources.MachineDeployment),
    labelled("machineSets", resources.MachineSet),
    labelled("machines", resources.Machine),
    own("healthChecks", resources.MachineHealthCheck),
    labelled("remediations", resources.Metal3Remediation),
    labelled("kubeadmConfigs", resources.KubeadmConfig),
    own("bootstrapTemplates", resources.KubeadmConfigTemplate),
    only("metal3Clusters", resources.Metal3Cluster, name),
    own("metal3Machines", resources.Metal3Machine),
    own("machineTemplates", resources.Metal3MachineTemplate),
    own("dataTemplates", resources.Metal3DataTemplate),
    own("datas", resources.Metal3Data),
    own("dataClaims", resources.Metal3DataClaim),
    own("ipPools", resources.IPPool),
    own("ipClaims", resources.IPClaim),
    own("ipAddresses", resources.IPAddress),
    only("resourceSets", resources.ClusterResourceSet, resourceSet.resourceSet.metadata.name),
    only("bindings", resources.ClusterResourceSetBinding, name),
    only("payloads", resources.ConfigMap, resourceSet.payload.metadata.name),
    own("secrets", resources.Secret),
    { part: "events", type: resources.Event, namespace },
  ];
}

/** Every part of the workload cluster. */
export const workloadSources: readonly Source<WorkloadPart>[] = [
  { part: "nodes", type: resources.Node },
  { part: "pods", type: resources.Pod, namespace: systemNamespace },
  { part: "daemonSets", type: resources.DaemonSet, namespace: systemNamespace },
  { part: "deployments", type: resources.Deployment, namespace: systemNamespace },
  { part: "configMaps", type: resources.ConfigMap, namespace: systemNamespace },
  { part: "disruptionBudgets", type: resources.PodDisruptionBudget },
  { part: "leases", type: resources.Lease, namespace: systemNamespace },
  { part: "services", type: resources.Service },
  { part: "customResourceDefinitions", type: resources.CustomResourceDefinition },
  { part: "ciliumNodes", type: resources.CiliumNode },
  { part: "bgpClusterConfigs", type: resources.CiliumBGPClusterConfig },
  { part: "bgpNodeConfigs", type: resources.CiliumBGPNodeConfig },
  { part: "bgpPeerConfigs", type: resources.CiliumBGPPeerConfig },
  { part: "bgpAdvertisements", type: resources.CiliumBGPAdvertisement },
  { part: "loadBalancerPools", type: resources.CiliumLoadBalancerIPPool },
  { part: "events", type: resources.Event },
];
