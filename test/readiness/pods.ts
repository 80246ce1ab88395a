import type { KubernetesObject } from "../../model/kubernetes/object";
import { resources } from "../../model/kubernetes/resources";
import * as o from "./objects";

/** A Cilium agent on a node. */
export const pod = (nodeName: string, phase: string) =>
  o.object(resources.Pod, `cilium-${nodeName}`, {
    metadata: {
      namespace: "kube-system",
      labels: { "k8s-app": "cilium", "app.kubernetes.io/part-of": "cilium" },
    },
    spec: { nodeName },
    status: { phase, containerStatuses: [{ state: { waiting: { reason: "ContainerCreating" } } }] },
  });

const envoy = "quay.io/cilium/cilium-envoy:v1.35";
/** One of Cilium's other pods, with one container as its kubelet reports it. */
const envoyPod = (status: object) =>
  o.object(resources.Pod, "cilium-envoy-x", {
    metadata: { namespace: "kube-system", labels: { "app.kubernetes.io/part-of": "cilium" } },
    spec: { nodeName: "w1" },
    status: {
      phase: "Pending",
      containerStatuses: [{ name: "cilium-envoy", image: envoy, ready: false, ...status }],
    },
  });
/** One whose image is waited for. */
export const pulling = (reason: string) =>
  envoyPod({ state: { waiting: { reason, message: `Back-off pulling image "${envoy}": 403 Forbidden` } } });
const ended = { exitCode: 1, reason: "Error", message: "cannot bind to :9964" };
/** One that has ended that often. */
export const looping = (restartCount: number, state: object) =>
  envoyPod({ restartCount, state, lastState: { terminated: ended } });

/** One that ended often and is ready now. */
export const endedPod = envoyPod({ ready: true, restartCount: 9, lastState: { terminated: ended } });

/** An agent that ended twice, and whose log ended with this line. */
export const endedAgent = (lastLine: string) => {
  const agent = pod("w1", "Running");
  const message = `level=info msg="Cilium 1.19.5"\n${lastLine}`;
  const status = {
    name: "cilium-agent",
    image: "quay.io/cilium/cilium:v1.19.5",
    ready: false,
    restartCount: 2,
    state: { waiting: { reason: "CrashLoopBackOff" } },
    lastState: { terminated: { exitCode: 255, reason: "Error", message } },
  };
  return { ...agent, status: { phase: "Running", containerStatuses: [status] } };
};

/** The agents' DaemonSet with this environment of its agent, and that many agents ready. */
export const agentsWith = (env: readonly object[], ready: number) => {
  const [agents, operator] = o.cilium(ready);
  const template = {
    spec: {
      initContainers: [{ name: "clean-cilium-state", env: endpointEnv }],
      containers: [{ name: "cilium-agent", env }],
    },
  };
  return [{ ...agents, spec: { template } }, operator].filter(
    (each) => each !== undefined,
  ) as KubernetesObject[];
};

/** The API server's address as the chart writes it. */
export const endpointEnv = [
  { name: "KUBERNETES_SERVICE_HOST", value: o.clusterPlan.endpoint.host },
  { name: "KUBERNETES_SERVICE_PORT", value: String(o.clusterPlan.endpoint.port) },
];
