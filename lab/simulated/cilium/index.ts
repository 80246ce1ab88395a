import { field, list, text, type KubernetesObject } from "../../../model/kubernetes/object";
import { resources } from "../../../model/kubernetes/resources";
import type { LabContext } from "../../context";
import type { WorkloadCluster } from "../../workload/cluster";
import { internalAddresses, isAgent, isOperator } from "../../workload/node-objects";
import { podNetworkAnnotation } from "../../workload/stages";
import { ControllerLoop, type Complain, type Controller } from "../controller";
import { ownerReference } from "../metal3/association";
import type { Store } from "../store";
import { startBgp } from "./bgp/controller";
import { definitionsFor, registerDefinitions } from "./definitions";
import { poolController, serviceController } from "./load-balancer";
import { hasNetwork, isReady, networkPatch, podStatus, shows, withoutAgentTaint } from "./status";
import { agentVerdict, operatorVerdict, type CiliumSurroundings, type PodVerdict } from "./payload";

/** Simulates Cilium's operator and agents in one workload cluster, from what is really applied there. */
export async function startCilium(
  context: LabContext,
  cluster: WorkloadCluster,
  store: Store,
  complain: Complain,
): Promise<void> {
  const cilium = new SimulatedCilium(context, cluster, store, complain);
  await store.follow([resources.ConfigMap, resources.DaemonSet]);
  for (const controller of [cilium.pods(), cilium.nodes()]) {
    await new ControllerLoop(store, controller, cluster.signal, complain).start();
  }
}

class SimulatedCilium {
  private definitionsReady = false;
  /** When each pod was first seen, by its uid. */
  private readonly seen = new Map<string, number>();
  /** By what is registered: another image, or BGP switched on, registers more. */
  private readonly registering = new Map<string, Promise<void>>();
  private loadBalancers: Promise<void> | undefined;
  private bgp: Promise<void> | undefined;

  constructor(
    private readonly context: LabContext,
    private readonly cluster: WorkloadCluster,
    private readonly store: Store,
    private readonly complain: Complain,
  ) {}

  /** Decides over Cilium's pods, and gives other pods their network once their node has one. */
  pods(): Controller {
    return {
      name: "cilium-pods",
      primary: resources.Pod,
      also: [resources.ConfigMap, resources.DaemonSet, resources.Node],
      parallel: true,
      reconcile: async (pod) => {
        if (pod.metadata.deletionTimestamp !== undefined) return;
        const node = this.store.get(resources.Node, text(pod, "spec", "nodeName"), "");
        if (node === undefined) return;
        const starting = isOperator(pod) || isAgent(pod) ? this.stillStarts(pod) : 0;
        if (starting > 0) return starting;
        if (isOperator(pod)) return this.operator(pod, node);
        if (isAgent(pod)) return this.agent(pod, node);
        return this.otherPod(pod, node);
      },
    };
  }

  /** Makes a node Ready when its agent is, and reports why it is not. */
  nodes(): Controller {
    return {
      name: "cilium-nodes",
      primary: resources.Node,
      also: [resources.Pod],
      parallel: true,
      reconcile: async (node) => {
        const agent = this.store
          .list(resources.Pod, "kube-system")
          .find((pod) => isAgent(pod) && text(pod, "spec", "nodeName") === node.metadata.name);
        const works = agent !== undefined && agent.metadata.deletionTimestamp === undefined && isReady(agent);
        // The kubelet looks at the network's configuration and not at the agent, which may restart.
        if (!works && hasNetwork(node)) return;
        const why = agent === undefined ? "" : `${agent.metadata.name}: ${waitingMessage(agent)}`;
        const patch = networkPatch(node, works, works ? "" : why);
        if (patch !== undefined) {
          await this.store.patch(resources.Node, node, patch, "status");
          this.context.log.record(
            works ? "node-ready" : "node-not-ready",
            `Node/${node.metadata.name}`,
            works ? "" : why,
          );
        }
        if (!works) return;
        const taints = withoutAgentTaint(node);
        if (taints !== undefined) await this.store.patch(resources.Node, node, { spec: { taints } });
        return this.ciliumNode(node);
      },
    };
  }

  /** Seconds until a pod's containers have started. */
  private stillStarts({ metadata }: KubernetesObject): number {
    const now = Date.now();
    const since = this.seen.get(metadata.uid ?? "") ?? now;
    this.seen.set(metadata.uid ?? "", since);
    return since / 1000 + this.context.pace.boot - now / 1000;
  }

  private surroundings(): CiliumSurroundings {
    return {
      endpoint: this.cluster.endpoint ?? { host: "", port: 0 },
      config: this.store.get(resources.ConfigMap, "cilium-config", "kube-system"),
      kubeProxy: this.store.get(resources.DaemonSet, "kube-proxy", "kube-system") !== undefined,
      definitionsReady: this.definitionsReady,
      nodeTakesXdp: (node) => !this.context.faults.isActive("nic-without-xdp", hostOf(node)),
    };
  }

  private async operator(pod: KubernetesObject, node: KubernetesObject): Promise<void> {
    const around = this.surroundings();
    const verdict = operatorVerdict(pod, around);
    await this.show(pod, verdict, node);
    if (!verdict.runs) return;
    const bgp = text(around.config, "data", "enable-bgp-control-plane") === "true";
    const image = text(list(pod, "spec", "containers")[0], "image") ?? "";
    const key = `${image} ${bgp}`;
    const running = this.registering.get(key) ?? this.register(image, bgp);
    this.registering.set(key, running);
    await running.catch((error: Error) => {
      this.registering.delete(key);
      throw error;
    });
  }

  private async register(image: string, bgp: boolean): Promise<void> {
    await registerDefinitions(this.store, definitionsFor(image, this.context.tools), bgp);
    await this.store.follow([resources.CiliumNode]);
    this.definitionsReady = true;
    const cluster = `Cluster/${this.cluster.name}`;
    this.context.log.record("cilium-crds-registered", cluster, bgp ? "with BGP" : "without BGP");
    // The pods waited for this: any change makes them look again.
    for (const pod of this.store.list(resources.Pod, "kube-system")) {
      const node = this.store.get(resources.Node, text(pod, "spec", "nodeName"), "");
      if (isAgent(pod) && node !== undefined) await this.agent(pod, node);
    }
    await (this.loadBalancers ??= this.playLoadBalancers());
    if (bgp) await (this.bgp ??= startBgp(this.context, this.cluster, this.store));
  }

  private async playLoadBalancers(): Promise<void> {
    for (const controller of [serviceController(this.context, this.store), poolController(this.store)]) {
      await new ControllerLoop(this.store, controller, this.cluster.signal, this.complain).start();
    }
  }

  /** An agent reads its settings once, when it starts: what changes then is nothing to one that runs. */
  private async agent(pod: KubernetesObject, node: KubernetesObject): Promise<void> {
    if (!isReady(pod)) await this.show(pod, agentVerdict(pod, node, this.surroundings()), node);
  }

  private async show(pod: KubernetesObject, verdict: PodVerdict, node: KubernetesObject): Promise<void> {
    if (shows(pod, verdict)) return;
    const status = podStatus(pod, verdict, internalAddresses(node));
    await this.store.patch(resources.Pod, pod, { status }, "status");
    const did = verdict.runs ? "cilium-pod-ready" : "cilium-pod-fails";
    this.context.log.record(did, `Pod/${pod.metadata.name}`, verdict.runs ? "" : verdict.message);
  }

  /** Pods on the pod network run when their node is ready; and kwok forgets pods that came with their node. */
  private async otherPod(pod: KubernetesObject, node: KubernetesObject): Promise<number | void> {
    if (text(pod, "status", "phase") !== "Pending") return;
    if (field(pod, "spec", "hostNetwork") !== true) {
      if (pod.metadata.annotations?.[podNetworkAnnotation] === "ready" || !isReady(node)) return;
      await this.store.patch(resources.Pod, pod, {
        metadata: { annotations: { [podNetworkAnnotation]: "ready" } },
      });
      return;
    }
    const age = (Date.now() - Date.parse(pod.metadata.creationTimestamp ?? "")) / 1000;
    if (age < 2.5) return 2.5 - age;
    // Any update makes kwok look at a pod that it dropped.
    await this.store.patch(resources.Pod, pod, {
      metadata: { annotations: { "lab.metal/poked": String(Date.now()) } },
    });
    return 3;
  }

  private async ciliumNode(node: KubernetesObject): Promise<void> {
    if (!this.definitionsReady) return;
    const cidrs = list(node, "spec", "podCIDRs");
    const known = this.store.get(resources.CiliumNode, node.metadata.name, "");
    const labels = node.metadata.labels ?? {};
    if (known === undefined) {
      await this.store.create(resources.CiliumNode, {
        apiVersion: resources.CiliumNode.apiVersion,
        kind: "CiliumNode",
        metadata: { name: node.metadata.name, labels, ownerReferences: [ownerReference(node)] },
        spec: {
          addresses: internalAddresses(node).map((ip) => ({ ip, type: "InternalIP" })),
          ipam: { podCIDRs: cidrs },
        },
      });
      return;
    }
    const same = JSON.stringify(known.metadata.labels ?? {}) === JSON.stringify(labels);
    if (!same) await this.store.patch(resources.CiliumNode, known, { metadata: { labels } });
  }
}

/** The host that a node runs on, of `metal3://namespace/host/machine`; empty before it has this id. */
function hostOf(node: KubernetesObject | undefined): string {
  return text(node, "spec", "providerID")?.split("/").at(-2) ?? "";
}

function waitingMessage(pod: KubernetesObject): string {
  const [status] = list(pod, "status", "containerStatuses");
  return text(status, "state", "waiting", "message") ?? "starting";
}
