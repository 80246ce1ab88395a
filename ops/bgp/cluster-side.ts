import type { ClusterSide } from "../../model/live/bgp/verify";
import { resources } from "../../model/kubernetes/resources";
import type { ClusterPlan } from "../../model/plan/plan";
import type { KubernetesApi } from "../kubernetes/api";
import { StackClusters, queried } from "../live/clusters";

/** Reads the workload cluster's BGP objects with the kubeconfig that Cluster API keeps; reads only, and runs nothing there. */
export async function clusterSide(plan: ClusterPlan, directory: string): Promise<ClusterSide> {
  await using clusters = new StackClusters(plan, directory);
  const workload = await clusters.workload();
  const all = async (type: Parameters<KubernetesApi["list"]>[0]) => (await workload.list(type)).items;
  return await queried(`cluster ${plan.name}`, async () => {
    const [nodes, nodeConfigs, peerConfigs, advertisements, services] = await Promise.all([
      all(resources.Node),
      all(resources.CiliumBGPNodeConfig),
      all(resources.CiliumBGPPeerConfig),
      all(resources.CiliumBGPAdvertisement),
      all(resources.Service),
    ]);
    return { nodes, nodeConfigs, peerConfigs, advertisements, services };
  });
}
