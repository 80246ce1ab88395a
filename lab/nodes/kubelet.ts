import fs from "node:fs";
import path from "node:path";
import { field, list, text, type KubernetesObject } from "../../model/kubernetes/object";
import { resources } from "../../model/kubernetes/resources";
import type { LabContext } from "../context";
import { hasConditions, timestamp, withConditions, type Condition } from "../simulated/conditions";
import { ControllerLoop, type Complain, type Controller } from "../simulated/controller";
import type { Store } from "../simulated/store";
import type { WorkloadCluster } from "../workload/cluster";
import { containersOf, internalAddresses, isAgent, isOperator, noNetwork } from "../workload/node-objects";
import type { LabNode } from "./node";
import { RunningPod } from "./pod";
import { networkConfiguration } from "./pod-network";
import { podStatus, type PodReport } from "./pod-status";
import type { NamespaceServers } from "./servers";

/** Runs Cilium's pods, and those on the pod network, of one workload cluster on its nodes, and reports the nodes' networks. */
export async function startKubelets(
  context: LabContext,
  servers: NamespaceServers,
  cluster: WorkloadCluster,
  store: Store,
  complain: Complain,
): Promise<void> {
  const kubelets = new Kubelets(context, servers, cluster, store, complain);
  for (const controller of [kubelets.pods(), kubelets.nodes()]) {
    await new ControllerLoop(store, controller, cluster.signal, complain).start();
  }
}

/** A pod that runs on a node. */
interface Known {
  readonly running: RunningPod;
  readonly node: LabNode;
  /** What was reported last; and what of that the API server has. */
  report?: PodReport;
  written?: PodReport;
}

class Kubelets {
  /** By the uid of the pod. */
  private readonly known = new Map<string, Known>();

  constructor(
    private readonly context: LabContext,
    private readonly servers: NamespaceServers,
    private readonly cluster: WorkloadCluster,
    private readonly store: Store,
    private readonly complain: Complain,
  ) {}

  /** Starts and ends pods, and writes their status. */
  pods(): Controller {
    return {
      name: "kubelet",
      primary: resources.Pod,
      also: [],
      parallel: true,
      reconcile: async (pod) => {
        const node = this.servers.nodeNamed(text(pod, "spec", "nodeName") ?? "");
        const known = this.known.get(pod.metadata.uid ?? "");
        if (known !== undefined && known.node !== node) this.abandon(pod, known);
        if (node === undefined || !runsHere(pod)) return;
        if (pod.metadata.deletionTimestamp !== undefined) return this.end(pod, known);
        // It writes again when its node is connected again.
        if (!this.servers.isConnected(node.spec.name)) return 1;
        if (known === undefined) await this.begin(pod, node);
        else await this.write(pod, known);
      },
      gone: (pod) => {
        const known = this.known.get(pod.metadata.uid ?? "");
        if (known !== undefined) this.abandon(pod, known);
        return Promise.resolve();
      },
    };
  }

  /** Reports a node as ready when its network has a configuration, as a kubelet does. */
  nodes(): Controller {
    return {
      name: "kubelet-network",
      primary: resources.Node,
      also: [],
      parallel: true,
      reconcile: async (object) => {
        const node = this.servers.nodeNamed(object.metadata.name);
        if (node === undefined || !this.servers.isConnected(object.metadata.name)) return 1;
        const condition: Condition =
          networkConfiguration(node) === undefined
            ? { type: "Ready", status: "False", reason: "KubeletNotReady", message: noNetwork }
            : {
                type: "Ready",
                status: "True",
                reason: "KubeletReady",
                message: "kubelet is posting ready status",
              };
        if (hasConditions(object, [condition])) return 1;
        const conditions = withConditions({ status: object["status"] }, [condition], timestamp());
        await this.store.patch(resources.Node, object, { status: { conditions } }, "status");
        const did = condition.status === "True" ? "node-ready" : "node-not-ready";
        this.context.log.record(did, `Node/${object.metadata.name}`, condition.message);
        return 1;
      },
    };
  }

  private async begin(pod: KubernetesObject, node: LabNode): Promise<void> {
    const { uid = "", name } = pod.metadata;
    const folder = path.join(this.context.directory, "logs", "pods", name);
    fs.mkdirSync(folder, { recursive: true });
    const logFile = (container: string) => path.join(folder, `${container}.log`);
    const containers = containersOf(pod).map((container) => text(container, "name") ?? "");
    for (const container of containers) fs.writeFileSync(logFile(container), "", { flag: "a" });
    const running = new RunningPod({
      pod,
      node,
      store: this.store,
      logFile,
      hostAddresses: internalAddresses(this.store.get(resources.Node, node.spec.name, "")),
      absent: (container) => {
        if (!isAgent(pod) && !isOperator(pod)) return;
        const note = "the lab runs only the containers of Cilium's own chart, and not Envoy";
        fs.appendFileSync(logFile(container), `${new Date().toISOString()} stderr F ${note}\n`);
        this.context.log.record("container-not-run", `Pod/${name}`, container);
      },
      nodeHasPower: () => !this.cluster.signal.aborted && this.servers.nodeNamed(node.spec.name) === node,
      report: (report) => {
        known.report = report;
        const now = this.store.get(resources.Pod, name, pod.metadata.namespace);
        if (now === undefined || now.metadata.uid !== uid) return;
        if (!this.servers.isConnected(node.spec.name)) return;
        this.write(now, known).catch((error: Error) => this.trouble(name, error));
      },
    });
    const known: Known = { running, node };
    this.known.set(uid, known);
    await this.cluster.showLogs(pod, Object.fromEntries(containers.map((each) => [each, logFile(each)])));
    running.run().catch((error: Error) => this.trouble(name, error));
  }

  /** The end of a cluster cuts off what its kubelets were about to write. */
  private trouble(pod: string, error: Error): void {
    if (!this.cluster.signal.aborted) this.complain("kubelet", pod, error);
  }

  private async end(pod: KubernetesObject, known: Known | undefined): Promise<void> {
    await known?.running.stop();
    this.known.delete(pod.metadata.uid ?? "");
    const { name, namespace = "" } = pod.metadata;
    const body = { apiVersion: "v1", kind: "DeleteOptions", gracePeriodSeconds: 0 };
    await this.store.api.requestIfFound("DELETE", `/api/v1/namespaces/${namespace}/pods/${name}`, { body });
  }

  private abandon(pod: KubernetesObject, { running }: Known): void {
    running.abandon();
    this.known.delete(pod.metadata.uid ?? "");
  }

  private async write(pod: KubernetesObject, known: Known): Promise<void> {
    const { report } = known;
    if (report === undefined) return;
    const status = podStatus(pod, report);
    // The node lifecycle controller sets pods of a node that was not ready to not ready.
    const stands = hasConditions(pod, list({ status }, "status", "conditions") as Condition[]);
    if (known.written === report && stands) return;
    known.written = report;
    await this.store.patch(resources.Pod, pod, { status }, "status");
  }
}

/** Static pods, and others on their host's network, are shown by kwok. */
function runsHere(pod: KubernetesObject): boolean {
  return field(pod, "spec", "hostNetwork") !== true || isAgent(pod) || isOperator(pod);
}
