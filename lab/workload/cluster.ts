import { setMaxListeners } from "node:events";
import fs from "node:fs";
import path from "node:path";
import { Address4, Address6 } from "ip-address";
import { KubernetesApi } from "../../ops/kubernetes/api";
import { field, list, text, type KubernetesObject } from "../../model/kubernetes/object";
import { resources } from "../../model/kubernetes/resources";
import type { LabContext } from "../context";
import { addLoopbackAddress, removeLoopbackAddress } from "../namespace/enter";
import { issue, type KeyPair } from "../processes/pki";
import { argumentsOf, type KubeadmPlan } from "../simulated/boot/kubeadm";
import { BootRefused } from "../simulated/boot/cloud-config";
import type { Endpoint } from "../simulated/boot/kube-vip";
import { Store } from "../simulated/store";
import { joinMember, startFirst, type EtcdCluster, type EtcdMember } from "./etcd";
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
import { serverUrl, startApiServer, startControllers, type PlaneSettings } from "./plane";

/** A machine that boots into the cluster. */
export interface BootingNode {
  /** `namespace/name` of the BareMetalHost. */
  readonly host: string;
  readonly identity: NodeIdentity;
  readonly kubeadm: KubeadmPlan;
  readonly endpoint: Endpoint;
  /** Whether this machine can hold the endpoint's address; a worker, and any machine behind a load balancer, cannot lose it. */
  readonly takesEndpoint: boolean;
}

/** How many control plane nodes can exist at once: KCP's largest sensible count and one more for a rollout. */
const slots = 8;

/** One workload cluster: real etcd members, one real API server at the stack's endpoint, kwok for the kubelets. */
export class WorkloadCluster {
  private readonly members = new Map<
    string,
    EtcdMember & { readonly slot: number; readonly takesEndpoint: boolean }
  >();
  private readonly nodes = new Map<string, NodeIdentity>();
  private readonly directory: string;
  private readonly ended = new AbortController();
  private etcd: EtcdCluster | undefined;
  private settings: PlaneSettings | undefined;
  private kubeconfig: string | undefined;
  private processNames: readonly string[] = [];
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
    this.directory = path.join(context.directory, "workload", `${namespace}-${name}-${index}`);
    fs.mkdirSync(this.directory, { recursive: true });
    this.signal = AbortSignal.any([this.ended.signal, context.signal]);
    setMaxListeners(0, this.signal);
  }

  get endpoint(): Endpoint | undefined {
    return this.settings;
  }

  /** Has the kubelets show a file as the log of a pod's container. */
  async showLog(pod: KubernetesObject, container: string, file: string): Promise<void> {
    const { name, namespace } = pod.metadata;
    await this.store?.create(podLogs, {
      apiVersion: podLogs.apiVersion,
      kind: podLogs.kind,
      metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
      spec: { logs: [{ containers: [container], logsFile: file, follow: false }] },
    });
  }

  /** Whether the server behind a node has power. */
  hasPower(node: string): boolean {
    return [...this.nodes.values()].some((identity) => identity.name === node);
  }

  /** Runs kubeadm's part and registers the node. Control planes join one after the other. */
  async boot(node: BootingNode): Promise<void> {
    for (const address of node.identity.addresses) addLoopbackAddress(address);
    if (node.kubeadm.action === "init") await this.init(node);
    else if (node.kubeadm.action === "join-control-plane")
      await this.inTurn(() => this.joinControlPlane(node));
    else await this.join(node);
  }

  /** The power of a server is cut: its etcd dies, and with the last control plane everything does. */
  async powerOff(host: string): Promise<void> {
    const identity = this.nodes.get(host);
    const member = this.members.get(host);
    this.nodes.delete(host);
    if (member !== undefined) {
      this.members.delete(host);
      await this.context.processes.kill(member.process);
      this.context.log.record("node-powered-off", `Node/${member.node}`);
      if (this.members.size === 0) await this.stop();
      else if (![...this.members.values()].some(({ takesEndpoint }) => takesEndpoint)) this.loseEndpoint();
    } else if (identity !== undefined) {
      this.context.log.record("node-powered-off", `Node/${identity.name}`);
    }
  }

  /** The last machine that could hold the endpoint's address is off: nothing answers there any more. */
  private loseEndpoint(): void {
    const host = this.settings?.host;
    if (host === undefined) return;
    removeLoopbackAddress(host);
    this.context.log.record("endpoint-lost", `Cluster/${this.name}`, host);
  }

  /** Ends everything of this cluster. */
  async stop(): Promise<void> {
    this.ended.abort();
    this.store?.api.close();
    this.store = undefined;
    for (const name of [...this.processNames].reverse()) await this.context.processes.kill(name);
    for (const { process } of this.members.values()) await this.context.processes.kill(process);
    this.members.clear();
    if (this.processNames.length > 0) this.context.log.record("workload-api-gone", `Cluster/${this.name}`);
    this.processNames = [];
  }

  private async inTurn(work: () => Promise<void>): Promise<void> {
    const before = this.turn;
    const mine = before.then(work);
    this.turn = mine.catch(() => undefined);
    return mine;
  }

  private async init(node: BootingNode): Promise<void> {
    const { certificates, clusterConfiguration } = node.kubeadm;
    if (field(clusterConfiguration, "etcd", "external") !== undefined) {
      throw new BootRefused("the lab does not simulate an external etcd");
    }
    addLoopbackAddress(node.endpoint.host);
    const pair = (name: string): KeyPair => ({
      cert: certificates.get(`${name}.crt`) ?? refuse(`/etc/kubernetes/pki/${name}.crt`),
      key: certificates.get(`${name}.key`) ?? refuse(`/etc/kubernetes/pki/${name}.key`),
    });
    const authority = pair("ca");
    const etcdAuthority = pair("etcd/ca");
    const client = await issue(etcdAuthority, { commonName: "kube-apiserver-etcd-client" });
    this.etcd = {
      directory: this.directory,
      authority: etcdAuthority,
      client,
      binary: this.context.tools.tool("etcd"),
      processes: this.context.processes,
    };
    const member = this.newMember(node);
    await startFirst(this.etcd, member);
    this.context.log.record("etcd-member-started", `Node/${member.node}`, member.address);
    const serviceSubnet = text(clusterConfiguration, "networking", "serviceSubnet") ?? "10.96.0.0/12";
    this.settings = {
      cluster: this.name,
      directory: this.directory,
      ...node.endpoint,
      labAddress: this.labAddress(1),
      kubeletPort: 10250 + 100 * (this.index - 1),
      etcdUrls: Array.from({ length: slots }, (_, slot) => `https://${this.labAddress(10 + slot)}:2379`),
      podSubnet: text(clusterConfiguration, "networking", "podSubnet") ?? "10.244.0.0/16",
      serviceSubnet,
      serviceAddress: firstAddress(serviceSubnet.split(",")[0] ?? ""),
      certificateNames: list(clusterConfiguration, "apiServer", "certSANs").map(String),
      controllerManagerArguments: passedOn(
        argumentsOf(field(clusterConfiguration, "controllerManager", "extraArgs")),
      ),
      authority,
      etcdAuthority: etcdAuthority.cert,
      etcdClient: client,
      frontProxyAuthority:
        certificates.get("front-proxy-ca.crt") ?? refuse("/etc/kubernetes/pki/front-proxy-ca.crt"),
      serviceAccountKey: certificates.get("sa.key") ?? refuse("/etc/kubernetes/pki/sa.key"),
      binaries: {
        apiServer: this.context.tools.tool("kube-apiserver"),
        controllerManager: this.context.tools.tool("kube-controller-manager"),
        scheduler: this.context.tools.tool("kube-scheduler"),
        kwok: this.context.tools.tool("kwok"),
      },
      processes: this.context.processes,
    };
    await this.startPlane(this.settings, node);
    await this.register(node, member.slotAddress);
  }

  private async startPlane(settings: PlaneSettings, node: BootingNode): Promise<void> {
    const plane = await startApiServer(settings);
    this.processNames = plane.processNames;
    this.kubeconfig = plane.kubeconfig;
    this.context.log.record("workload-api-answers", `Cluster/${this.name}`, serverUrl(settings));
    const api = await KubernetesApi.open(plane.kubeconfig);
    const store = new Store(api, this.signal, (what) =>
      this.context.log.record("workload-trouble", this.name, what),
    );
    for (const definition of kwokDefinitions)
      await store.create(resources.CustomResourceDefinition, definition);
    await kubeadmTraces(store, settings, node.kubeadm);
    this.processNames = [...this.processNames, ...(await startControllers(settings))];
    await store.follow([resources.Node, resources.Pod, resources.Lease]);
    this.store = store;
    await this.started(this, store);
  }

  private async joinControlPlane(node: BootingNode): Promise<void> {
    const etcd = this.etcd;
    if (etcd === undefined || this.store === undefined) throw new Error("the endpoint does not answer yet");
    await this.checkJoin(node);
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

  private newMember(node: BootingNode): EtcdMember {
    const used = new Set([...this.members.values()].map(({ slot }) => slot));
    const slot = Array.from({ length: slots }, (_, index) => index).find((index) => !used.has(index));
    if (slot === undefined) throw new BootRefused(`the lab simulates at most ${slots} control plane nodes`);
    const member = {
      node: node.identity.name,
      address: node.identity.addresses[0] ?? "",
      slotAddress: this.labAddress(10 + slot),
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

function refuse(file: string): never {
  throw new BootRefused(`kubeadm init: ${file} is not in the user data`);
}

function firstAddress(cidr: string): string {
  return cidr.includes(":")
    ? Address6.fromBigInt(new Address6(cidr).startAddress().bigInt() + 1n).correctForm()
    : Address4.fromBigInt(new Address4(cidr).startAddress().bigInt() + 1n).correctForm();
}

/** Arguments of kube-controller-manager that decide what others see. */
function passedOn(given: Readonly<Record<string, string>>): string[] {
  const names = [
    "node-cidr-mask-size",
    "node-cidr-mask-size-ipv4",
    "node-cidr-mask-size-ipv6",
    "allocate-node-cidrs",
  ];
  return Object.entries(given)
    .filter(([name]) => names.includes(name))
    .map(([name, value]) => `--${name}=${value}`);
}
