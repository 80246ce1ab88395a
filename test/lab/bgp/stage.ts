import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import type { LabContext } from "../../../lab/context";
import { ActiveFaults } from "../../../lab/faults/fault";
import {
  startApiServer,
  startEtcd,
  writeManagementKeys,
  type PlaneSite,
} from "../../../lab/management/api-server";
import { installDefinitions, managementDefinitions } from "../../../lab/management/definitions";
import { LoopbackServers } from "../../../lab/workload/servers";
import { addLoopbackAddress, prepareLoopback } from "../../../lab/namespace/network";
import { startBgp } from "../../../lab/simulated/cilium/bgp/controller";
import { definitionsFor, registerDefinitions } from "../../../lab/simulated/cilium/definitions";
import { poolController, serviceController } from "../../../lab/simulated/cilium/load-balancer";
import { ControllerLoop } from "../../../lab/simulated/controller";
import { Store } from "../../../lab/simulated/store";
import { createAuthority } from "../../../lab/processes/pki";
import { EventLog } from "../../../lab/processes/event-log";
import { Processes } from "../../../lab/processes/processes";
import { paces } from "../../../lab/context";
import { planOf, plannedRouters, type Planned } from "../../../lab/rehearsal/planned-routers";
import { compareBothEnds } from "../../../lab/rehearsal/verify-bgp";
import { startRouters, type Router } from "../../../lab/router";
import { ensureTools } from "../../../lab/toolchain";
import { KUBELET_PORT, LogServer } from "./log-server";
import type { WorkloadCluster } from "../../../lab/workload/cluster";
import { field, text, type KubernetesObject } from "../../../model/kubernetes/object";
import { resources } from "../../../model/kubernetes/resources";
import type { BgpReadinessPlan } from "../../../model/plan/readiness";
import { KubernetesApi } from "../../../ops/kubernetes/api";

const PROGRAM = path.join(__dirname, "..", "..", "..", "ops", "wait", "main.ts");
const TOOLS = [
  "etcd",
  "kube-apiserver",
  "gobgpd",
  "gobgp",
  "cilium-crds-1.19.5",
  "cluster-api",
  "baremetal-operator-crds",
] as const;

/** How a run of the waiting program ended. */
export interface Waited {
  readonly code: number;
  readonly output: string;
  readonly seconds: number;
}

/**
 * The BGP half of a rehearsal without the rest: one API server that is both clusters, nodes that are there already, the
 * simulated BGP control plane with its real speakers, and the real routers of a stack file.
 */
export class BgpStage {
  readonly store: Store;
  private readonly powered = new Set<string>();
  private readonly ended = new AbortController();
  private readonly kubelet = new LogServer();

  private constructor(
    readonly context: LabContext,
    private readonly planned: Planned,
    readonly routers: readonly Router[],
    private readonly kubeconfigFile: string,
  ) {
    this.store = new Store(context.management.api, this.ended.signal);
  }

  /** Starts everything for a stack file; `secrets` are its passwords by their place in it. */
  static async open(stackText: string, secrets: ReadonlyMap<string, string>): Promise<BgpStage> {
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), "bgp-stage-"));
    const source = { stackName: "bgp-lab", stack: { text: stackText }, secrets };
    const planned = planOf(source);
    if (planned === undefined) throw new Error("the stack is refused");
    prepareLoopback([]);
    const tools = await ensureTools(TOOLS, () => undefined);
    const log = new EventLog(path.join(directory, "events.jsonl"), (event) => {
      if (process.env["METAL_BGP_VERBOSE"] === "1")
        console.log(`${event.did} ${event.object} ${event.detail ?? ""}`);
    });
    const processes = new Processes(path.join(directory, "logs"), log);
    const authority = await createAuthority("lab-management");
    const site: PlaneSite = { directory, processes, tools, authority };
    const kubeconfigFile = await writeManagementKeys(site);
    await startEtcd(site);
    await startApiServer(site);
    const kubeconfig = fs.readFileSync(kubeconfigFile, "utf8");
    const api = await KubernetesApi.open(kubeconfig);
    const clusters = managementDefinitions(tools).filter(
      (definition) => text(definition, "metadata", "name") === "clusters.cluster.x-k8s.io",
    );
    await installDefinitions(api, clusters);
    const signal = new AbortController().signal;
    const context: LabContext = {
      directory,
      tools,
      processes,
      management: { api, kubeconfig, kubeconfigFile, authority },
      pace: paces.fast,
      log,
      faults: new ActiveFaults(),
      servers: new LoopbackServers(),
      loadBalancers: new Set(),
      serverPorts: new Map(),
      signal,
    };
    const routers = await startRouters(plannedRouters([source]).orders, tools, processes, directory);
    const stage = new BgpStage(context, planned, routers, kubeconfigFile);
    await stage.populate(kubeconfig);
    return stage;
  }

  get api(): KubernetesApi {
    return this.context.management.api;
  }

  get readiness(): BgpReadinessPlan {
    const plan = this.planned.plan.bgp?.readiness;
    if (plan === undefined) throw new Error("the stack has no bgp");
    return plan;
  }

  /** Adds a node as Cilium would show it. */
  async addNode(name: string, address: string, podCIDR: string): Promise<void> {
    addLoopbackAddress(address);
    this.powered.add(name);
    const status = {
      addresses: [{ type: "InternalIP", address }],
      conditions: [{ type: "Ready", status: "True", reason: "KubeletReady" }],
      daemonEndpoints: { kubeletEndpoint: { Port: KUBELET_PORT } },
    };
    const node = await this.api.create(
      resources.Node,
      object("v1", "Node", name, { spec: { podCIDR, podCIDRs: [podCIDR] } }),
    );
    await this.api.mergePatch(resources.Node, node.metadata.name, undefined, { status }, "status");
    await this.addAgent(name);
    await this.api.create(
      resources.CiliumNode,
      object("cilium.io/v2", "CiliumNode", name, {
        spec: { addresses: [{ type: "InternalIP", ip: address }], ipam: { podCIDRs: [podCIDR] } },
      }),
    );
  }

  private async addAgent(node: string): Promise<void> {
    const labels = { "k8s-app": "cilium", "app.kubernetes.io/part-of": "cilium" };
    const metadata = { name: `cilium-${node}`, namespace: "kube-system", labels };
    const containers = [{ name: "cilium-agent", image: "cilium" }];
    const pod = object("v1", "Pod", metadata.name, { spec: { nodeName: node, containers } });
    await this.api.create(resources.Pod, { ...pod, metadata });
    const status = { phase: "Running", conditions: [{ type: "Ready", status: "True" }] };
    await this.api.mergePatch(resources.Pod, metadata.name, "kube-system", { status }, "status");
  }

  /** Applies the plan's BGP objects as the program does, with the stack's own passwords. */
  async applyPlan(): Promise<void> {
    const { plan, values } = this.planned;
    for (const { manifest, secret } of plan.bgp?.secrets ?? []) {
      const stringData = Object.fromEntries(
        Object.entries(secret).map(([key, place]) => [key, values.get(place) ?? ""]),
      );
      await this.create({ ...manifest, stringData } as KubernetesObject);
    }
    for (const each of plan.bgp?.objects ?? []) await this.create(each);
  }

  /** The crash of a node's agent: its speaker is gone until the agent is back. */
  async crashAgent(name: string, seconds: number): Promise<void> {
    this.powered.delete(name);
    await this.touch(name);
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    this.powered.add(name);
    await this.touch(name);
  }

  /** Has the simulated control plane reconcile at once. */
  private async touch(node: string): Promise<void> {
    const annotations = { "lab.metal/touched": String(Date.now()) };
    await this.api.mergePatch(resources.Node, node, undefined, { metadata: { annotations } });
  }

  /** Creates an object of any kind that is served. */
  async create(manifest: KubernetesObject): Promise<void> {
    const type = await this.api.discover(manifest.apiVersion, manifest.kind);
    if (type === undefined) throw new Error(`${manifest.kind} is not served`);
    await this.api.create(type, manifest, { strict: true });
  }

  /** What the program's own comparison of both ends finds, as ids. */
  async differences(): Promise<string[]> {
    const findings = await compareBothEnds(this.api, this.planned.plan, this.routers);
    return [...new Set(findings.map(({ id }) => id))].sort();
  }

  /** Runs the program's own wait for BGP; `graceScale` shortens the times that a cause must hold. */
  wait(timeoutSeconds: number, graceScale = 1): Promise<Waited> {
    const order = {
      plan: { ...this.readiness, timeoutSeconds },
      management: { kubeconfigFile: this.kubeconfigFile },
      pace: { graceScale },
      eventsFile: path.join(this.context.directory, "wait-events.jsonl"),
    };
    const begun = Date.now();
    const child = spawn(process.execPath, ["--import", "tsx", PROGRAM], { stdio: "pipe" });
    let output = "";
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => (output += chunk));
    child.stdin.end(JSON.stringify(order));
    return new Promise((resolve) =>
      child.once("close", (code) =>
        resolve({ code: code ?? -1, output, seconds: (Date.now() - begun) / 1000 }),
      ),
    );
  }

  async close(): Promise<void> {
    this.kubelet.stop();
    this.ended.abort();
    await this.context.processes.killAll();
    this.api.close();
    fs.rmSync(this.context.directory, { recursive: true, force: true });
  }

  private async populate(kubeconfig: string): Promise<void> {
    const { cluster, namespace } = this.readiness;
    if (namespace !== "kube-system") await this.create(object("v1", "Namespace", namespace, {}));
    const secret = object("v1", "Secret", `${cluster}-kubeconfig`, {
      data: { value: Buffer.from(kubeconfig).toString("base64") },
    });
    await this.create({ ...secret, metadata: { ...secret.metadata, namespace } });
    const endpoint = { host: "127.0.0.1", port: 6443 };
    const owner = object("cluster.x-k8s.io/v1beta2", "Cluster", cluster, {
      spec: { controlPlaneEndpoint: endpoint },
    });
    await this.create({ ...owner, metadata: { ...owner.metadata, namespace } });
    await this.kubelet.start(this.context.management.authority);
    await this.store.follow([resources.Node, resources.ConfigMap, resources.Pod]);
    await registerDefinitions(this.store, definitionsFor("cilium:v1.19.5", this.context.tools), true);
    await this.store.follow([resources.CiliumNode]);
    // Only what the simulated BGP requires of a workload cluster.
    const self = {
      name: cluster,
      signal: this.ended.signal,
      hasPower: (node: string) => this.powered.has(node),
      showLogs: (pod: KubernetesObject, files: Readonly<Record<string, string>>) => {
        this.kubelet.show(pod.metadata.name, files["cilium-agent"] ?? "");
        return Promise.resolve();
      },
    };
    for (const controller of [serviceController(this.context, this.store), poolController(this.store)]) {
      await new ControllerLoop(this.store, controller, this.ended.signal, () => undefined).start();
    }
    await startBgp(this.context, self as unknown as WorkloadCluster, this.store);
  }
}

/** A small object. */
function object(
  apiVersion: string,
  kind: string,
  name: string,
  more: Record<string, unknown>,
): KubernetesObject {
  return { apiVersion, kind, metadata: { name }, ...more };
}

/** A LoadBalancer Service in `default`. */
export function loadBalancer(name: string): KubernetesObject {
  const found = object("v1", "Service", name, { spec: { type: "LoadBalancer", ports: [{ port: 80 }] } });
  return { ...found, metadata: { name, namespace: "default" } };
}

/** The peering states that a node reports. */
export function statesOf(config: KubernetesObject | undefined): string[] {
  const instances = (field(config, "status", "bgpInstances") ?? []) as readonly unknown[];
  return instances.flatMap((instance) =>
    ((field(instance, "peers") ?? []) as readonly unknown[]).map((peer) =>
      String(field(peer, "peeringState")),
    ),
  );
}
