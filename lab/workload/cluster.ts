import { setMaxListeners } from "node:events";
import fs from "node:fs";
import path from "node:path";
import { KubernetesApi } from "../../ops/kubernetes/api";
import { text, type KubernetesObject } from "../../model/kubernetes/object";
import { resources } from "../../model/kubernetes/resources";
import type { LabContext } from "../context";
import { issue } from "../processes/pki";
import { apiServerArguments } from "./arguments";
import type { KubeadmPlan } from "../simulated/boot/kubeadm";
import { BootRefused } from "../simulated/boot/cloud-config";
import type { MachineInterface } from "../simulated/boot/network";
import type { Endpoint } from "../simulated/boot/kube-vip";
import type { SpeakerPlan } from "../simulated/cilium/bgp/plan-nodes";
import { Store } from "../simulated/store";
import { clientUrl, joinMember, startFirst, type EtcdCluster, type EtcdMember } from "./etcd";
import { EndpointSpeakers } from "./endpoint-speakers";
import { checkJoin, kubeadmTraces } from "./kubeadm-traces";
import {
  nodeObject,
  kwokDefinitions,
  podLogs,
  portForward,
  portForwards,
  staticPods,
  type NodeIdentity,
} from "./node-objects";
import {
  authoritiesOf,
  planeProcesses,
  serverUrl,
  startApiServer,
  startControllers,
  settingsOf,
  startKubelet,
  startKubelets,
  type PlaneSettings,
} from "./plane";
import type { Server } from "./servers";

/** A machine that boots into the cluster. */
export interface BootingNode {
  /** `namespace/name` of the BareMetalHost. */
  readonly host: string;
  readonly identity: NodeIdentity;
  readonly kubeadm: KubeadmPlan;
  readonly endpoint: Endpoint;
  /** Its interfaces as its network data configures them; empty where DHCP does. */
  readonly interfaces: readonly MachineInterface[];
  /** Whether this machine can hold the endpoint's address; a worker, and any machine behind a load balancer, cannot lose it. */
  readonly takesEndpoint: boolean;
  /** kube-vip's sessions on it, where the endpoint is announced by BGP. */
  readonly speaker?: SpeakerPlan;
}

/** How many control plane nodes can exist at once: KCP's largest sensible count and one more for a rollout. */
const slots = 8;

/** An etcd member, and whether its server can hold the endpoint's address. */
interface Member extends EtcdMember {
  readonly slot: number;
  readonly takesEndpoint: boolean;
}

/** One workload cluster: real etcd members, one real API server at the stack's endpoint, kwok for the kubelets. */
export class WorkloadCluster {
  private readonly members = new Map<string, Member>();
  /** By host: those with power. */
  private readonly servers = new Map<string, Server>();
  private readonly nodes = new Map<string, NodeIdentity>();
  private readonly directory: string;
  private readonly speakers: EndpointSpeakers;
  private readonly ended = new AbortController();
  private etcd: EtcdCluster | undefined;
  private settings: PlaneSettings | undefined;
  private kubeconfig: string | undefined;
  private turn: Promise<unknown> = Promise.resolve();
  /** Aborts when the cluster's API is gone for good. */
  readonly signal: AbortSignal;
  /** Set while the API server runs. */
  store: Store | undefined;

  constructor(
    private readonly context: LabContext,
    readonly namespace: string,
    readonly name: string,
    /** 1 for the first cluster of this lab; makes its lab addresses and its kubelets' port. */
    private readonly index: number,
    private readonly started: (cluster: WorkloadCluster, store: Store) => Promise<void>,
  ) {
    this.speakers = new EndpointSpeakers(context, name);
    this.directory = path.join(context.directory, "workload", `${namespace}-${name}-${index}`);
    fs.mkdirSync(this.directory, { recursive: true });
    this.signal = AbortSignal.any([this.ended.signal, context.signal]);
    setMaxListeners(0, this.signal);
  }

  get endpoint(): Endpoint | undefined {
    return this.settings;
  }

  /** Has the kubelets show files as the logs of a pod's containers. */
  async showLogs(pod: KubernetesObject, files: Readonly<Record<string, string>>): Promise<void> {
    const { name, namespace } = pod.metadata;
    const logs = Object.entries(files).map(([container, logsFile]) => ({
      containers: [container],
      logsFile,
      follow: false,
    }));
    await this.store?.create(podLogs, {
      apiVersion: podLogs.apiVersion,
      kind: podLogs.kind,
      metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
      spec: { logs },
    });
  }

  /** Whether the server behind a node has power. */
  hasPower(node: string): boolean {
    return [...this.nodes.values()].some((identity) => identity.name === node);
  }

  /** Runs kubeadm's part and registers the node. Control planes join one after the other. */
  async boot(node: BootingNode): Promise<void> {
    if (!this.servers.has(node.host)) {
      const { name, addresses } = node.identity;
      const spec = { name, addresses, interfaces: node.interfaces };
      this.servers.set(node.host, await this.context.servers.powerOn(spec));
    }
    if (node.kubeadm.action === "init") await this.init(node);
    else if (node.kubeadm.action === "join-control-plane")
      await this.inTurn(() => this.joinControlPlane(node));
    else await this.join(node);
  }

  /** The power of a server is cut: its etcd dies, and with the last control plane everything does. */
  async powerOff(host: string): Promise<void> {
    const identity = this.nodes.get(host);
    const member = this.members.get(host);
    const server = this.servers.get(host);
    this.nodes.delete(host);
    this.servers.delete(host);
    await this.speakers.stop(host);
    if (identity !== undefined) this.context.log.record("node-powered-off", `Node/${identity.name}`);
    if (member !== undefined) {
      this.members.delete(host);
      const last = this.members.size === 0;
      if (last) await this.stop();
      else if (server?.ownNetwork === true && server === this.settings?.server) await this.stopPlane();
      await this.context.processes.kill(member.process);
      if (!last) this.keepEndpoint();
    }
    if (server?.ownNetwork === true) await this.context.processes.kill(this.kubeletOf(server));
    if (server !== undefined) await this.context.servers.powerOff(server);
  }

  /** The API server moves with the endpoint's address, or stays without one when no machine can hold it. */
  private keepEndpoint(): void {
    const { settings } = this;
    if (settings === undefined) return;
    const heir = [...this.members].find(([, { takesEndpoint }]) => takesEndpoint);
    if (heir === undefined) {
      this.context.servers.withdraw(settings.host, settings.server, this.speakers.announce);
      this.context.log.record("endpoint-lost", `Cluster/${this.name}`, settings.host);
      return;
    }
    if (this.planeRuns) return;
    const [host, member] = heir;
    const server = this.serverOf(host);
    this.context.servers.announce(settings.host, server, this.speakers.announce);
    const moved = { ...settings, ...this.placeOf(server, member) };
    this.settings = moved;
    const object = `Cluster/${this.name}`;
    // Without a quorum of etcd, as at the end of a cluster, no API server gets ready.
    this.speakers
      .hold(host)
      .then(() => startApiServer(moved))
      .then(() => startControllers(moved))
      .then(
        () => this.context.log.record("endpoint-moved", object, member.node),
        (error: Error) => this.context.log.record("endpoint-lost", object, error.message.split("\n")[0]),
      );
  }

  private get planeRuns(): boolean {
    return planeProcesses(this.name).some((name) => this.context.processes.names.includes(name));
  }

  private async stopPlane(): Promise<void> {
    for (const name of planeProcesses(this.name)) await this.context.processes.kill(name);
  }

  private serverOf(host: string): Server {
    const server = this.servers.get(host);
    if (server === undefined) throw new Error("the power was cut");
    return server;
  }

  /** Where the control plane's programs run, and at which addresses etcd answers them. */
  private placeOf(server: Server, member: EtcdMember) {
    const slotUrls = Array.from({ length: slots }, (_, slot) => clientUrl(this.labAddress(10 + slot)));
    return {
      server,
      address: server.ownNetwork ? member.address : this.labAddress(1),
      // Those that join later are known in advance on the loopback network only.
      etcdUrls: server.ownNetwork
        ? [...this.members.values()].map(({ address }) => clientUrl(address))
        : slotUrls,
    };
  }

  private kubeletOf({ name }: Server): string {
    return `workload-${this.name}-kubelet-${name}`;
  }

  /** Ends everything of this cluster. */
  async stop(): Promise<void> {
    this.ended.abort();
    this.store?.api.close();
    this.store = undefined;
    const ran = this.planeRuns;
    await this.stopPlane();
    await this.speakers.stopAll();
    for (const { process } of this.members.values()) await this.context.processes.kill(process);
    this.members.clear();
    if (ran) this.context.log.record("workload-api-gone", `Cluster/${this.name}`);
  }

  private async inTurn(work: () => Promise<void>): Promise<void> {
    const before = this.turn;
    const mine = before.then(work);
    this.turn = mine.catch(() => undefined);
    return mine;
  }

  private async init(node: BootingNode): Promise<void> {
    const authorities = authoritiesOf(node.kubeadm);
    const server = this.serverOf(node.host);
    await this.startSpeaker(node, server);
    this.context.servers.announce(node.endpoint.host, server, this.speakers.announce);
    await this.speakers.hold(node.host);
    const client = await issue(authorities.etcd, { commonName: "kube-apiserver-etcd-client" });
    const { processes, tools } = this.context;
    this.etcd = {
      directory: this.directory,
      authority: authorities.etcd,
      client,
      binary: tools.tool("etcd"),
      processes,
    };
    const member = this.newMember(node);
    await startFirst(this.etcd, member);
    this.context.log.record("etcd-member-started", `Node/${member.node}`, member.address);
    this.settings = {
      cluster: this.name,
      directory: this.directory,
      ...node.endpoint,
      ...this.placeOf(server, member),
      kubeletPort: server.ownNetwork ? 10250 : 10250 + 100 * (this.index - 1),
      ...settingsOf(node.kubeadm, authorities),
      apiServerArguments: this.apiServerArguments(node.kubeadm),
      etcdClient: client,
      binaries: {
        apiServer: tools.tool("kube-apiserver"),
        controllerManager: tools.tool("kube-controller-manager"),
        scheduler: tools.tool("kube-scheduler"),
        kwok: tools.tool("kwok"),
      },
      processes,
    };
    await this.startPlane(this.settings, node);
    await this.register(node, member.slotAddress);
  }

  private apiServerArguments(kubeadm: KubeadmPlan): readonly string[] {
    const { argv, left } = apiServerArguments(kubeadm, path.join(this.directory, "files"));
    if (left.length > 0)
      this.context.log.record("arguments-left-out", `Cluster/${this.name}`, left.join(", "));
    return argv;
  }

  private async startSpeaker({ host, identity, speaker }: BootingNode, server: Server): Promise<void> {
    if (speaker !== undefined) await this.speakers.start(host, server, identity.addresses[0] ?? "", speaker);
  }

  private async startPlane(settings: PlaneSettings, node: BootingNode): Promise<void> {
    const kubeconfig = await startApiServer(settings);
    this.kubeconfig = kubeconfig;
    this.context.log.record("workload-api-answers", `Cluster/${this.name}`, serverUrl(settings));
    const api = await KubernetesApi.open(kubeconfig);
    const store = new Store(api, this.signal, (what) =>
      this.context.log.record("workload-trouble", this.name, what),
    );
    for (const definition of kwokDefinitions)
      await store.create(resources.CustomResourceDefinition, definition);
    await kubeadmTraces(store, settings, node.kubeadm);
    await startControllers(settings);
    if (!settings.server.ownNetwork) await startKubelets(settings);
    await store.follow([resources.Node, resources.Pod, resources.Lease]);
    this.store = store;
    await this.started(this, store);
  }

  private async joinControlPlane(node: BootingNode): Promise<void> {
    const etcd = this.etcd;
    if (etcd === undefined || this.store === undefined) throw new Error("the endpoint does not answer yet");
    await this.checkJoin(node);
    await this.startSpeaker(node, this.serverOf(node.host));
    const seeds = [...this.members.values()].map((member) => member.address);
    const member = this.newMember(node);
    try {
      await joinMember(etcd, member, seeds);
    } catch (error) {
      this.members.delete(node.host);
      throw error;
    }
    this.context.log.record("etcd-member-started", `Node/${member.node}`, member.address);
    await this.register(node, member.slotAddress);
  }

  private async join(node: BootingNode): Promise<void> {
    if (this.store === undefined) throw new Error("the endpoint does not answer yet");
    await this.checkJoin(node);
    await this.register(node, undefined);
  }

  private async checkJoin({ kubeadm }: BootingNode): Promise<void> {
    const { settings, kubeconfig } = this;
    if (settings === undefined || kubeconfig === undefined)
      throw new Error("the endpoint does not answer yet");
    const endpoint = serverUrl(settings).replace("https://", "");
    await checkJoin(kubeadm, { endpoint, authority: settings.authority.cert, kubeconfig });
  }

  /** The kubelet registers its node; static pods follow when kwok holds the node, else it would never see them. */
  private async register(node: BootingNode, etcdAddress: string | undefined): Promise<void> {
    const { store, settings } = this;
    if (store === undefined || settings === undefined) throw new Error("the endpoint does not answer yet");
    const { identity } = node;
    this.nodes.set(node.host, identity);
    await store.create(resources.Node, nodeObject(identity, settings.kubeletPort));
    const server = this.serverOf(node.host);
    const kubelet = this.kubeletOf(server);
    // A boot that is tried again finds it running.
    if (server.ownNetwork && !this.context.processes.names.includes(kubelet))
      await startKubelet(settings, server, kubelet, identity.addresses[0] ?? "");
    await this.leaseHeld(store, identity.name);
    if (etcdAddress !== undefined) {
      const target = { host: settings.host, port: settings.port };
      for (const forward of portForwards(identity, etcdAddress, target))
        await store.create(portForward, forward);
      for (const pod of staticPods(identity)) await store.create(resources.Pod, pod);
    }
    this.context.log.record("node-registered", `Node/${identity.name}`, identity.addresses.join(","));
  }

  private leaseHeld(store: Store, node: string): Promise<void> {
    const held = () =>
      (text(store.get(resources.Lease, node, "kube-node-lease"), "spec", "holderIdentity") ?? "") !== "";
    return new Promise((resolve) => {
      const end = () => {
        stop();
        clearTimeout(timer);
        resolve();
      };
      const stop = store.onChange((type) => {
        if (type.kind === "Lease" && held()) end();
      });
      const timer = setTimeout(end, 5000);
      if (held()) end();
    });
  }

  private newMember(node: BootingNode): Member {
    const used = new Set([...this.members.values()].map(({ slot }) => slot));
    const slot = Array.from({ length: slots }, (_, index) => index).find((index) => !used.has(index));
    if (slot === undefined) throw new BootRefused(`the lab simulates at most ${slots} control plane nodes`);
    const server = this.serverOf(node.host);
    const address = node.identity.addresses[0] ?? "";
    const member = {
      node: node.identity.name,
      server,
      address,
      slotAddress: server.ownNetwork ? address : this.labAddress(10 + slot),
      process: `workload-${this.name}-etcd-${node.identity.name}`,
      takesEndpoint: node.takesEndpoint,
      slot,
    };
    this.members.set(node.host, member);
    return member;
  }

  private labAddress(last: number): string {
    return `127.77.${this.index}.${last}`;
  }
}
