import type { KubernetesObject } from "../../model/kubernetes/object";
import { resources } from "../../model/kubernetes/resources";
import type { LabContext } from "../context";
import type { NodeLookup } from "../simulated/metal3/machine";
import { keyOf, type Store } from "../simulated/store";
import { WorkloadCluster, type BootingNode } from "./cluster";

/** What is started with each workload API server, such as the simulated Cilium. */
export type WorkloadStarted = (cluster: WorkloadCluster, store: Store) => Promise<void>;

/** All workload clusters of this lab, and which server is in which. */
export class Workloads implements NodeLookup {
  private readonly clusters = new Map<string, WorkloadCluster>();
  private readonly homes = new Map<string, WorkloadCluster>();
  /** Also of servers without power, whose Node is there for a while. */
  private readonly lastHomes = new Map<string, WorkloadCluster>();
  private readonly nodeListeners = new Set<() => void>();
  private count = 0;

  constructor(
    private readonly context: LabContext,
    private readonly started: WorkloadStarted,
  ) {}

  /** Calls the listener when a Node of any workload cluster comes, goes or changes. */
  onNodes(listener: () => void): void {
    this.nodeListeners.add(listener);
  }

  /** Boots a server into a cluster; resolves when its node is registered. */
  async boot(namespace: string, name: string, node: BootingNode): Promise<void> {
    const cluster = this.clusterOf(namespace, name, node.kubeadm.action === "init");
    if (cluster === undefined) throw new Error("the endpoint does not answer yet");
    this.homes.set(node.host, cluster);
    this.lastHomes.set(node.host, cluster);
    await cluster.boot(node);
  }

  /** Cuts a server's power; one that never booted is fine. */
  async powerOff(host: KubernetesObject): Promise<void> {
    const key = keyOf(host);
    const cluster = this.homes.get(key);
    this.homes.delete(key);
    await cluster?.powerOff(key);
  }

  nodeOf(host: KubernetesObject): KubernetesObject | undefined {
    return nodeIn(this.homes.get(keyOf(host)), host);
  }

  lastNodeOf(host: KubernetesObject): KubernetesObject | undefined {
    return nodeIn(this.lastHomes.get(keyOf(host)), host);
  }

  async deleteNode(host: KubernetesObject, node: KubernetesObject): Promise<void> {
    await this.lastHomes.get(keyOf(host))?.store?.remove(resources.Node, node);
  }

  async setProviderId(host: KubernetesObject, node: KubernetesObject, providerId: string): Promise<void> {
    const store = this.homes.get(keyOf(host))?.store;
    await store?.patch(resources.Node, node, { spec: { providerID: providerId } });
  }

  /** Ends all clusters. */
  async stop(): Promise<void> {
    for (const cluster of this.clusters.values()) await cluster.stop();
    this.clusters.clear();
  }

  private clusterOf(namespace: string, name: string, mayCreate: boolean): WorkloadCluster | undefined {
    const key = `${namespace}/${name}`;
    const known = this.clusters.get(key);
    if (known !== undefined && !known.signal.aborted) return known;
    if (!mayCreate) return undefined;
    this.count += 1;
    const cluster = new WorkloadCluster(this.context, namespace, name, this.count, async (started, store) => {
      store.onChange((type) => {
        if (type.kind === "Node") for (const listener of this.nodeListeners) listener();
      });
      await this.started(started, store);
    });
    this.clusters.set(key, cluster);
    return cluster;
  }
}

function nodeIn(cluster: WorkloadCluster | undefined, host: KubernetesObject): KubernetesObject | undefined {
  return cluster?.store
    ?.list(resources.Node)
    .find((node) => node.metadata.labels?.["metal3.io/uuid"] === host.metadata.uid);
}
