import { agentSelector, isSelected, operatorSelector } from "../../model/kubernetes/labels";
import { list, text, type KubernetesObject, type ResourceType } from "../../model/kubernetes/object";
import { timestamp } from "../simulated/conditions";

/** A machine that joins as a node, as its kubelet knows it. */
export interface NodeIdentity {
  readonly name: string;
  readonly addresses: readonly string[];
  /** `v1.36.3` */
  readonly version: string;
  readonly controlPlane: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly unknown[];
  /** Of the kubelet's own `--provider-id`. */
  readonly providerId?: string;
  readonly systemUuid: string;
}

/** Pods of the DaemonSet kube-system/cilium. */
export function isAgent(pod: KubernetesObject): boolean {
  return pod.metadata.namespace === "kube-system" && isSelected(pod, agentSelector);
}

/** Pods of the Deployment kube-system/cilium-operator. */
export function isOperator(pod: KubernetesObject): boolean {
  return pod.metadata.namespace === "kube-system" && isSelected(pod, operatorSelector);
}

/** The containers of a pod, those that initialize it first. */
export function containersOf(pod: unknown): readonly unknown[] {
  return [...list(pod, "spec", "initContainers"), ...list(pod, "spec", "containers")];
}

/** The addresses of a Node inside its cluster; none of one that is not there. */
export function internalAddresses(node: unknown): string[] {
  return list(node, "status", "addresses")
    .filter((entry) => text(entry, "type") === "InternalIP")
    .map((entry) => text(entry, "address") ?? "");
}

/** kwok's PortForward, with which KCP reaches etcd and the API server of a node. */
export const portForward: ResourceType = {
  apiVersion: "kwok.x-k8s.io/v1alpha1",
  kind: "PortForward",
  plural: "portforwards",
  namespaced: true,
};

/** kwok's way to serve the log of a pod from a file; its name is the pod's. */
export const podLogs: ResourceType = { ...portForward, kind: "Logs", plural: "logs" };

/** The definitions of both, with the fields that we use. */
export const kwokDefinitions: readonly KubernetesObject[] = [portForward, podLogs].map(
  ({ kind, plural }): KubernetesObject => ({
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.kwok.x-k8s.io` },
    spec: {
      group: "kwok.x-k8s.io",
      scope: "Namespaced",
      names: { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase() },
      versions: [
        {
          name: "v1alpha1",
          served: true,
          storage: true,
          subresources: { status: {} },
          schema: {
            openAPIV3Schema: {
              type: "object",
              properties: {
                apiVersion: { type: "string" },
                kind: { type: "string" },
                metadata: { type: "object" },
                spec: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
                status: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
              },
            },
          },
        },
      ],
    },
  }),
);

/** The reason of a node without a working network, in the kubelet's words. */
export const noNetwork =
  "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized";

/** The Node as its kubelet registers it: not ready, for want of a network. */
export function nodeObject(node: NodeIdentity, kubeletPort: number): KubernetesObject {
  const now = timestamp();
  const condition = (type: string, status: string, reason: string, message: string) => ({
    type,
    status,
    reason,
    message,
    lastHeartbeatTime: now,
    lastTransitionTime: now,
  });
  const amount = { cpu: "32", memory: "128Gi", pods: "110", "ephemeral-storage": "800Gi" };
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name: node.name,
      labels: {
        "beta.kubernetes.io/arch": "amd64",
        "beta.kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/hostname": node.name,
        "kubernetes.io/os": "linux",
        ...(node.controlPlane
          ? {
              "node-role.kubernetes.io/control-plane": "",
              "node.kubernetes.io/exclude-from-external-load-balancers": "",
            }
          : {}),
        ...node.labels,
      },
    },
    spec: {
      taints: node.taints,
      ...(node.providerId === undefined ? {} : { providerID: node.providerId }),
    },
    status: {
      phase: "Running",
      addresses: [
        ...node.addresses.map((address) => ({ type: "InternalIP", address })),
        { type: "Hostname", address: node.name },
      ],
      capacity: amount,
      allocatable: amount,
      daemonEndpoints: { kubeletEndpoint: { Port: kubeletPort } },
      nodeInfo: {
        architecture: "amd64",
        operatingSystem: "linux",
        kubeletVersion: node.version,
        kubeProxyVersion: "",
        osImage: "Lab Linux (simulated)",
        kernelVersion: "6.12.0-lab",
        containerRuntimeVersion: "containerd://2.1.0",
        bootID: node.systemUuid,
        machineID: node.systemUuid.replaceAll("-", ""),
        systemUUID: node.systemUuid,
      },
      conditions: [
        condition(
          "MemoryPressure",
          "False",
          "KubeletHasSufficientMemory",
          "kubelet has sufficient memory available",
        ),
        condition("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
        condition("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
        condition("Ready", "False", "KubeletNotReady", noNetwork),
      ],
    },
  };
}

/** The four mirror pods that a kubelet shows for kubeadm's static pods. */
export function staticPods(node: NodeIdentity): KubernetesObject[] {
  return ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"].map((component) => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: `${component}-${node.name}`,
      namespace: "kube-system",
      labels: { tier: "control-plane", component },
      annotations: {
        "kubernetes.io/config.hash": `lab-${component}`,
        "kubernetes.io/config.mirror": `lab-${component}`,
        "kubernetes.io/config.source": "file",
      },
    },
    spec: {
      nodeName: node.name,
      hostNetwork: true,
      priorityClassName: "system-node-critical",
      tolerations: [{ operator: "Exists" }],
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      containers: [{ name: component, image: `registry.k8s.io/${component}:${node.version}` }],
    },
  }));
}

/** Port-forwards to a control plane node's etcd and to the API server; each is found by its pod's name. */
export function portForwards(
  node: NodeIdentity,
  etcdAddress: string,
  apiServer: { readonly host: string; readonly port: number },
): KubernetesObject[] {
  const forward = (pod: string, ports: readonly number[], target: unknown): KubernetesObject => ({
    apiVersion: portForward.apiVersion,
    kind: portForward.kind,
    metadata: { name: `${pod}-${node.name}`, namespace: "kube-system" },
    spec: { forwards: [{ ports, target }] },
  });
  return [
    forward("etcd", [2379], { address: etcdAddress, port: 2379 }),
    forward("kube-apiserver", [...new Set([6443, apiServer.port])], {
      address: apiServer.host,
      port: apiServer.port,
    }),
  ];
}
