import path from "node:path";
import type { ClusterSide } from "../../model/bgp/verify";
import { text } from "../../model/kubernetes/object";
import { resources } from "../../model/kubernetes/resources";
import type { ClusterPlan } from "../../model/plan/plan";
import { ApiError, KubernetesApi, UnreachableError } from "../kubernetes/api";
import { KubeconfigError, readKubeconfig } from "../kubernetes/connection";

/** A cluster that could not be asked; worded for whoever asked. */
export class ClusterUnreadable extends Error {}

/** Reads the workload cluster's BGP objects with the kubeconfig that Cluster API keeps; reads only, and runs nothing there. */
export async function clusterSide(plan: ClusterPlan, directory: string): Promise<ClusterSide> {
  try {
    const workload = await KubernetesApi.open(await workloadKubeconfig(plan, directory));
    try {
      const all = async (type: Parameters<KubernetesApi["list"]>[0]) => (await workload.list(type)).items;
      const [nodes, nodeConfigs, peerConfigs, advertisements, services] = await Promise.all([
        all(resources.Node),
        all(resources.CiliumBGPNodeConfig),
        all(resources.CiliumBGPPeerConfig),
        all(resources.CiliumBGPAdvertisement),
        all(resources.Service),
      ]);
      return { nodes, nodeConfigs, peerConfigs, advertisements, services };
    } finally {
      workload.close();
    }
  } catch (error) {
    if (error instanceof ApiError || error instanceof UnreachableError || error instanceof KubeconfigError) {
      throw new ClusterUnreadable(`cluster ${plan.name} cannot be asked: ${error.message}`);
    }
    throw error;
  }
}

async function workloadKubeconfig(plan: ClusterPlan, directory: string): Promise<string> {
  const { context, kubeconfig } = plan.management;
  const file = kubeconfig === undefined ? undefined : path.resolve(directory, kubeconfig);
  const management = await KubernetesApi.open(readKubeconfig(file, context), context);
  try {
    const name = `${plan.name}-kubeconfig`;
    const value = text(await management.get(resources.Secret, name, plan.namespace), "data", "value");
    if (value === undefined) {
      throw new ClusterUnreadable(
        `Secret ${plan.namespace}/${name} is not there: the cluster was not made yet`,
      );
    }
    return Buffer.from(value, "base64").toString("utf8");
  } finally {
    management.close();
  }
}
