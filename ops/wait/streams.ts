import { slim } from "../../model/kubernetes/content";
import { clusterNameLabel, ciliumSelector } from "../../model/kubernetes/labels";
import { type KubernetesObject, list, text } from "../../model/kubernetes/object";
import { resources } from "../../model/kubernetes/resources";
import type { ReadinessPlan } from "../../model/live/readiness/assess";
import { type ManagementPart, type WorkloadPart } from "../../model/live/snapshot";
import type { Source } from "../kubernetes/informer";

const namedQuery = (name: string) => ({ fieldSelector: `metadata.name=${name}` });

/** A payload may have a megabyte, and a wait only needs to know that it exists. */
function metadataOnly(object: KubernetesObject): KubernetesObject {
  const { apiVersion, kind, metadata } = slim(object);
  return { apiVersion, kind, metadata };
}

/** What a wait needs of a pod. */
function podStatus(object: KubernetesObject): KubernetesObject {
  const { apiVersion, kind, metadata, status } = slim(object);
  const nodeName = text(object, "spec", "nodeName");
  const containers = list(object, "spec", "containers").map((container) => ({
    name: text(container, "name"),
    image: text(container, "image"),
  }));
  return { apiVersion, kind, metadata, spec: { nodeName, containers }, status };
}

/** What to follow in the management cluster for a plan; `onKubeconfig` receives the Secret with the workload's kubeconfig. */
export function managementStreams(
  plan: ReadinessPlan,
  onKubeconfig: (secret: KubernetesObject | undefined) => void,
): readonly Source<ManagementPart>[] {
  const { namespace, cluster } = plan;
  const always: readonly Source<ManagementPart>[] = [
    { part: "clusters", type: resources.Cluster, namespace, query: namedQuery(cluster) },
    {
      part: "secrets",
      type: resources.Secret,
      namespace,
      query: namedQuery(`${cluster}-kubeconfig`),
      onObjects: ([secret], change) => onKubeconfig(change === "DELETED" ? undefined : secret),
      trim: metadataOnly,
    },
  ];
  if (plan.subject === "bgp" || plan.subject === "rollout") return always;
  const ofCluster = { labelSelector: `${clusterNameLabel}=${cluster}` };
  return [
    ...always,
    { part: "hosts", type: resources.BareMetalHost, namespace },
    { part: "controlPlanes", type: resources.KubeadmControlPlane, namespace, query: namedQuery(cluster) },
    { part: "machineDeployments", type: resources.MachineDeployment, namespace },
    { part: "machines", type: resources.Machine, namespace, query: ofCluster },
    { part: "metal3Machines", type: resources.Metal3Machine, namespace },
    {
      part: "resourceSets",
      type: resources.ClusterResourceSet,
      namespace,
      query: namedQuery(plan.resourceSet.name),
    },
    { part: "bindings", type: resources.ClusterResourceSetBinding, namespace, query: namedQuery(cluster) },
    // The bare metal operator puts this label on each BMC Secret that it uses.
    {
      part: "secrets",
      type: resources.Secret,
      namespace,
      query: { labelSelector: "environment.metal3.io=baremetal" },
      trim: metadataOnly,
    },
    ...plan.resourceSet.resources.map((payload): Source<ManagementPart> => ({
      part: payload.kind === "Secret" ? "secrets" : "payloads",
      type: resources[payload.kind],
      namespace,
      query: namedQuery(payload.name),
      trim: metadataOnly,
    })),
  ];
}

/** What to follow in the workload cluster for a plan. */
export function workloadStreams(plan: ReadinessPlan): readonly Source<WorkloadPart>[] {
  const nodes: Source<WorkloadPart> = { part: "nodes", type: resources.Node };
  const pods: Source<WorkloadPart> = {
    part: "pods",
    type: resources.Pod,
    namespace: ciliumNamespace(plan),
    query: { labelSelector: ciliumSelector },
    trim: podStatus,
  };
  switch (plan.subject) {
    case "cluster":
    case "control-plane":
      return [
        nodes,
        pods,
        ...rolloutStreams(plan.workloads),
        { part: "customResourceDefinitions", type: resources.CustomResourceDefinition },
      ];
    case "rollout":
      return [pods, ...rolloutStreams(plan.workloads)];
    case "bgp":
      return [
        nodes,
        pods,
        { part: "bgpClusterConfigs", type: resources.CiliumBGPClusterConfig },
        { part: "bgpNodeConfigs", type: resources.CiliumBGPNodeConfig },
        { part: "bgpPeerConfigs", type: resources.CiliumBGPPeerConfig },
      ];
  }
}

function ciliumNamespace(plan: ReadinessPlan): string {
  const workloads = plan.subject === "bgp" ? [] : plan.workloads;
  return workloads.find((workload) => workload.name === "cilium")?.namespace ?? "kube-system";
}

function rolloutStreams(
  workloads: Extract<ReadinessPlan, { subject: "rollout" }>["workloads"],
): readonly Source<WorkloadPart>[] {
  const namespaces = (kind: "DaemonSet" | "Deployment") => [
    ...new Set(workloads.filter((workload) => workload.kind === kind).map((workload) => workload.namespace)),
  ];
  return [
    ...namespaces("DaemonSet").map((namespace): Source<WorkloadPart> => ({
      part: "daemonSets",
      type: resources.DaemonSet,
      namespace,
    })),
    ...namespaces("Deployment").map((namespace): Source<WorkloadPart> => ({
      part: "deployments",
      type: resources.Deployment,
      namespace,
    })),
  ];
}
