import type { KubernetesObject } from "../../model/kubernetes/object";
import { resources } from "../../model/kubernetes/resources";
import type { ReadinessPlan } from "../../model/live/readiness/assess";
import type { ManagementWatch, WorkloadWatch } from "../../model/live/readiness/observation";
import type { Stream } from "./store";

const namedQuery = (name: string) => ({ fieldSelector: `metadata.name=${name}` });
const withNamespace = (object: KubernetesObject) =>
  `${object.metadata.namespace ?? ""}/${object.metadata.name}`;

/** What to follow in the management cluster for a plan; `onKubeconfig` is told the Secret with the workload's kubeconfig. */
export function managementStreams(
  plan: ReadinessPlan,
  onKubeconfig: (secret: KubernetesObject | undefined) => void,
): readonly Stream<ManagementWatch | "kubeconfig">[] {
  const { namespace, cluster } = plan;
  const always: readonly Stream<ManagementWatch | "kubeconfig">[] = [
    { watch: "clusters", type: resources.Cluster, namespace, query: namedQuery(cluster) },
    {
      watch: "kubeconfig",
      type: resources.Secret,
      namespace,
      query: namedQuery(`${cluster}-kubeconfig`),
      onObject: onKubeconfig,
    },
  ];
  if (plan.subject === "bgp" || plan.subject === "rollout") return always;
  const ofCluster = { labelSelector: `cluster.x-k8s.io/cluster-name=${cluster}` };
  return [
    ...always,
    { watch: "hosts", type: resources.BareMetalHost, namespace },
    { watch: "controlPlanes", type: resources.KubeadmControlPlane, namespace, query: namedQuery(cluster) },
    { watch: "machineDeployments", type: resources.MachineDeployment, namespace },
    { watch: "machines", type: resources.Machine, namespace, query: ofCluster },
    { watch: "metal3Machines", type: resources.Metal3Machine, namespace },
    {
      watch: "resourceSets",
      type: resources.ClusterResourceSet,
      namespace,
      query: namedQuery(plan.resourceSet.name),
    },
    { watch: "bindings", type: resources.ClusterResourceSetBinding, namespace, query: namedQuery(cluster) },
    // The bare metal operator puts this label on each BMC Secret that it uses.
    {
      watch: "bmcSecrets",
      type: resources.Secret,
      namespace,
      query: { labelSelector: "environment.metal3.io=baremetal" },
    },
    ...plan.resourceSet.resources.map((payload): Stream<ManagementWatch> => ({
      watch: "payloads",
      type: resources[payload.kind],
      namespace,
      query: namedQuery(payload.name),
      keyOf: (object) => `${object.kind}/${object.metadata.name}`,
    })),
  ];
}

/** What to follow in the workload cluster for a plan. */
export function workloadStreams(plan: ReadinessPlan): readonly Stream<WorkloadWatch>[] {
  const nodes: Stream<WorkloadWatch> = { watch: "nodes", type: resources.Node };
  const pods: Stream<WorkloadWatch> = {
    watch: "ciliumPods",
    type: resources.Pod,
    namespace: ciliumNamespace(plan),
    query: { labelSelector: "app.kubernetes.io/part-of=cilium" },
  };
  switch (plan.subject) {
    case "cluster":
    case "control-plane":
      return [
        nodes,
        pods,
        ...rolloutStreams(plan.workloads),
        { watch: "customResourceDefinitions", type: resources.CustomResourceDefinition },
      ];
    case "rollout":
      return [pods, ...rolloutStreams(plan.workloads)];
    case "bgp":
      return [
        nodes,
        pods,
        { watch: "bgpClusterConfigs", type: resources.CiliumBGPClusterConfig },
        { watch: "bgpNodeConfigs", type: resources.CiliumBGPNodeConfig },
        { watch: "bgpPeerConfigs", type: resources.CiliumBGPPeerConfig },
      ];
  }
}

function ciliumNamespace(plan: ReadinessPlan): string {
  const workloads = plan.subject === "bgp" ? [] : plan.workloads;
  return workloads.find((workload) => workload.name === "cilium")?.namespace ?? "kube-system";
}

function rolloutStreams(
  workloads: Extract<ReadinessPlan, { subject: "rollout" }>["workloads"],
): readonly Stream<WorkloadWatch>[] {
  const namespaces = (kind: "DaemonSet" | "Deployment") => [
    ...new Set(workloads.filter((workload) => workload.kind === kind).map((workload) => workload.namespace)),
  ];
  return [
    ...namespaces("DaemonSet").map((namespace): Stream<WorkloadWatch> => ({
      watch: "daemonSets",
      type: resources.DaemonSet,
      namespace,
      keyOf: withNamespace,
    })),
    ...namespaces("Deployment").map((namespace): Stream<WorkloadWatch> => ({
      watch: "deployments",
      type: resources.Deployment,
      namespace,
      keyOf: withNamespace,
    })),
  ];
}
