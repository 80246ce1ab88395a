import { field, list, text, type KubernetesObject } from "../../../model/kubernetes/object";
import { containersOf } from "../../workload/node-objects";
import type { Endpoint } from "../boot/kube-vip";

/** What decides whether a Cilium pod works: all of it as it really is in the workload cluster. */
export interface CiliumSurroundings {
  readonly endpoint: Endpoint;
  /** ConfigMap kube-system/cilium-config. */
  readonly config: KubernetesObject | undefined;
  readonly kubeProxy: boolean;
  /** The operator runs and its CRDs are registered. */
  readonly definitionsReady: boolean;
  /** Whether the driver of the node's network card takes XDP programs. */
  nodeTakesXdp(node: KubernetesObject | undefined): boolean;
}

/** Whether a container comes up, and if not what its pod shows. */
export type PodVerdict =
  { readonly runs: true } | { readonly runs: false; readonly reason: string; readonly message: string };

const podRuns: PodVerdict = { runs: true };
const crash = (message: string): PodVerdict => ({ runs: false, reason: "CrashLoopBackOff", message });

/** What cilium-operator needs: nothing but the API server. */
export function operatorVerdict(pod: KubernetesObject, around: CiliumSurroundings): PodVerdict {
  return connection(pod, around) ?? podRuns;
}

/** What a cilium-agent needs before its node has a network. */
export function agentVerdict(
  pod: KubernetesObject,
  node: KubernetesObject | undefined,
  around: CiliumSurroundings,
): PodVerdict {
  const cut = connection(pod, around);
  if (cut !== undefined) return cut;
  const setting = (key: string) => text(around.config, "data", key);
  if (!around.kubeProxy && setting("kube-proxy-replacement") !== "true") {
    return crash(
      `kube-proxy-replacement is "${setting("kube-proxy-replacement") ?? ""}" and this cluster has no kube-proxy: no Service would be reachable`,
    );
  }
  if (!around.definitionsReady) {
    return crash(
      "Still waiting for Cilium Operator to register CRDs; please ensure that Cilium Operator is running",
    );
  }
  if (setting("ipam") === "kubernetes" && text(node, "spec", "podCIDR") === undefined) {
    return crash("Waiting for k8s node information: required IPv4 PodCIDR not available");
  }
  if (setting("bpf-lb-acceleration") === "native" && !around.nodeTakesXdp(node)) {
    return crash("attaching XDP program to interface eno1: operation not supported");
  }
  return podRuns;
}

/** Why a pod cannot reach the API server before there is a pod network; undefined when it can. */
function connection(pod: KubernetesObject, around: CiliumSurroundings): PodVerdict | undefined {
  if (field(pod, "spec", "hostNetwork") !== true) {
    return {
      runs: false,
      reason: "ContainerCreating",
      message:
        "network is not ready: cni plugin not initialized, and the pod does not use the host's network",
    };
  }
  if (around.config === undefined) {
    return {
      runs: false,
      reason: "CreateContainerConfigError",
      message: 'configmap "cilium-config" not found',
    };
  }
  const { host, port } = around.endpoint;
  for (const container of talkers(pod)) {
    const environment = new Map(
      list(container, "env").map((entry) => [text(entry, "name") ?? "", text(entry, "value")]),
    );
    const toHost = environment.get("KUBERNETES_SERVICE_HOST");
    const toPort = environment.get("KUBERNETES_SERVICE_PORT");
    if (toHost === undefined && around.kubeProxy) continue;
    if (toHost === host && toPort === String(port)) continue;
    const target =
      toHost === undefined ? "the kubernetes Service (no kube-proxy serves it)" : `${toHost}:${toPort ?? ""}`;
    return crash(
      `container ${text(container, "name") ?? ""}: unable to contact the API server at ${target}: i/o timeout; the endpoint that answers is ${host}:${port}`,
    );
  }
  return undefined;
}

const apiClients = new Set(["config", "cilium-agent", "cilium-operator"]);

function talkers(pod: KubernetesObject): unknown[] {
  return containersOf(pod).filter((container) => apiClients.has(text(container, "name") ?? ""));
}
