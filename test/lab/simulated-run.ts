import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { KubernetesApi } from "../../ops/kubernetes/api";
import { field, number, text, type KubernetesObject } from "../../model/kubernetes/object";
import { resources } from "../../model/kubernetes/resources";
import { paces, type LabContext } from "../../lab/context";
import { ActiveFaults } from "../../lab/faults/fault";
import { managementTools, startManagementPlane } from "../../lab/management";
import { prepareLoopback } from "../../lab/namespace/network";
import { simulatedTools, startSimulatedHardware } from "../../lab/simulated";
import { startCilium } from "../../lab/simulated/cilium";
import { LoopbackServers } from "../../lab/workload/servers";
import { isTrue } from "../../lab/simulated/conditions";
import { Store } from "../../lab/simulated/store";
import { startRouters } from "../../lab/router";
import { EventLog } from "../../lab/processes/event-log";
import { Processes } from "../../lab/processes/processes";
import { ensureTools, type Toolchain } from "../../lab/toolchain";
import { testObjects, type TestCluster } from "./simulated-objects";

const begun = Date.now();
const seconds = () => ((Date.now() - begun) / 1000).toFixed(1).padStart(6);
const quiet = process.env["METAL_SIMULATED_QUIET"] === "1";
const say = (line: string) => (quiet ? undefined : console.log(`[${seconds()}] ${line}`));

/** Renders the chart with Helm, for one endpoint. */
function render(tools: Toolchain, directory: string, vip: string): string {
  const values = {
    k8sServiceHost: vip,
    k8sServicePort: "6443",
    kubeProxyReplacement: true,
    routingMode: "native",
    ipv4NativeRoutingCIDR: "10.244.0.0/16",
    ipam: { mode: "kubernetes" },
    bgpControlPlane: { enabled: true },
    hubble: { enabled: false },
  };
  const args = ["template", "cilium", tools.folder("cilium-chart-1.19.5"), "--namespace", "kube-system"];
  const file = path.join(directory, `values-${vip}.yaml`);
  fs.writeFileSync(file, JSON.stringify(values));
  return execFileSync(tools.tool("helm"), [...args, "--values", file], { encoding: "utf8" });
}

async function typeOf(api: KubernetesApi, object: KubernetesObject) {
  const type = await api.discover(object.apiVersion, object.kind);
  if (type === undefined) throw new Error(`${object.apiVersion} ${object.kind} is not served`);
  return type;
}

async function create(api: KubernetesApi, cluster: TestCluster): Promise<void> {
  for (const object of testObjects(cluster) as KubernetesObject[]) {
    await api.create(await typeOf(api, object), object, { strict: true });
  }
}

async function waitFor(store: Store, what: string, limit: number, is: () => boolean): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${what}: not within ${limit} s`)), limit * 1000);
    const check = () => {
      if (!is()) return;
      stop();
      clearTimeout(timer);
      resolve();
    };
    const stop = store.onChange(check);
    check();
  });
  say(`=== ${what}`);
}

function settled(store: Store, cluster: TestCluster): boolean {
  const object = store.get(resources.Cluster, cluster.name, cluster.namespace);
  return (
    isTrue(object, "Available") &&
    number(object, "status", "controlPlane", "readyReplicas") === cluster.controlPlanes &&
    number(object, "status", "workers", "readyReplicas") === cluster.workers
  );
}

/** Everything a scenario works with. */
interface Stage {
  readonly context: LabContext;
  readonly store: Store;
  readonly api: KubernetesApi;
  readonly cluster: (name: string, octet: number, controlPlanes: number) => TestCluster;
}

type Scenario = (stage: Stage) => Promise<void>;

const stateOf = (host: KubernetesObject | undefined) => text(host, "status", "provisioning", "state");

const gone = (store: Store, cluster: TestCluster) => () =>
  store.get(resources.Cluster, cluster.name, cluster.namespace) === undefined &&
  store.list(resources.BareMetalHost, cluster.namespace).every((host) => stateOf(host) === "available");

async function timed(what: string, work: () => Promise<void>): Promise<void> {
  const start = Date.now();
  await work();
  say(`${what}: ${((Date.now() - start) / 1000).toFixed(1)} s`);
}

async function workload({ api }: Stage, { name, namespace }: TestCluster): Promise<KubernetesApi> {
  const secret = await api.get(resources.Secret, `${name}-kubeconfig`, namespace);
  return KubernetesApi.open(Buffer.from(text(secret, "data", "value") ?? "", "base64").toString("utf8"));
}

/** Creates the clusters together, waits for all, deletes them. */
const createAndDelete =
  (...clusters: readonly (readonly [string, number, number])[]): Scenario =>
  async (stage) => {
    const { api, store } = stage;
    // The second cluster takes its addresses from a pool.
    const all = clusters.map((each, index) => ({ ...stage.cluster(...each), pool: index === 1 }));
    await timed("created", async () => {
      for (const each of all) await create(api, each);
      await Promise.all(
        all.map((each) => waitFor(store, `${each.name} all ready`, 300, () => settled(store, each))),
      );
    });
    for (const each of all) {
      await timed(`${each.name} deleted`, async () => {
        await api.delete(resources.Cluster, each.name, each.namespace);
        await waitFor(store, `${each.name} gone`, 200, gone(store, each));
      });
    }
  };

/** The other end of the sessions below. */
const router = {
  name: "tor",
  addresses: ["192.168.254.1"],
  port: 179,
  clusters: ["capi-1"],
  configuration: [
    "ip prefix-list pods seq 5 permit 10.244.0.0/16 ge 24 le 24",
    "router bgp 65001",
    " bgp router-id 192.168.254.1",
    " no bgp default ipv4-unicast",
    " neighbor nodes peer-group",
    " neighbor nodes remote-as 65010",
    " bgp listen range 10.250.250.0/24 peer-group nodes",
    " address-family ipv4 unicast",
    "  neighbor nodes activate",
    "  neighbor nodes prefix-list pods in",
    " exit-address-family",
    "exit",
    "",
  ].join("\n"),
  sessions: [{ localASN: 65001, clusterASN: 65010, nodes: ["10.250.250.0/24"], families: ["ipv4"] }] as const,
};

/** BGP objects lead to sessions; scaling down and up again takes and gives back hosts and etcd members. */
const bgpAndScale: Scenario = async (stage) => {
  const { api, store } = stage;
  const cluster = stage.cluster("capi-1", 250, 3);
  await create(api, cluster);
  await waitFor(store, "all ready", 300, () => settled(store, cluster));
  const inside = await workload(stage, cluster);
  const { tools, processes, directory } = stage.context;
  await startRouters([router], tools, processes, directory);
  const bgp = [
    {
      kind: "CiliumBGPPeerConfig",
      metadata: { name: "tor" },
      spec: { families: [{ afi: "ipv4", safi: "unicast", advertisements: { matchLabels: { a: "b" } } }] },
    },
    {
      kind: "CiliumBGPAdvertisement",
      metadata: { name: "pods", labels: { a: "b" } },
      spec: { advertisements: [{ advertisementType: "PodCIDR" }] },
    },
    {
      kind: "CiliumBGPClusterConfig",
      metadata: { name: "all" },
      spec: {
        bgpInstances: [
          {
            name: "i",
            localASN: 65010,
            peers: [
              { name: "tor", peerAddress: "192.168.254.1", peerASN: 65001, peerConfigRef: { name: "tor" } },
            ],
          },
        ],
      },
    },
  ];
  for (const object of bgp) {
    const full = { apiVersion: "cilium.io/v2", ...object } as unknown as KubernetesObject;
    await inside.create(await typeOf(inside, full), full, { strict: true });
  }
  const insideWorld = new Store(inside, stage.context.signal);
  await insideWorld.follow([resources.CiliumBGPNodeConfig, resources.Node]);
  await waitFor(insideWorld, "BGP established on every node", 20, () => {
    const configs = insideWorld.list(resources.CiliumBGPNodeConfig);
    return (
      configs.length === 4 &&
      configs.every(
        (config) => text(config, "status", "bgpInstances", 0, "peers", 0, "peeringState") === "established",
      )
    );
  });
  const service = { apiVersion: "v1", kind: "Service", metadata: { name: "lb", namespace: "default" } };
  const ports = [{ port: 80 }];
  await inside.create(resources.Service, { ...service, spec: { type: "LoadBalancer", ports } });
  await inside.create(resources.CiliumLoadBalancerIPPool, {
    apiVersion: "cilium.io/v2",
    kind: "CiliumLoadBalancerIPPool",
    metadata: { name: "lb" },
    spec: { blocks: [{ cidr: "10.9.0.0/29" }] },
  });
  await insideWorld.follow([resources.Service]);
  await waitFor(insideWorld, "a LoadBalancer Service has its address", 20, () => {
    const lb = insideWorld.get(resources.Service, "lb", "default");
    return text(lb, "status", "loadBalancer", "ingress", 0, "ip") === "10.9.0.0";
  });
  const replicas = (
    type: typeof resources.MachineDeployment | typeof resources.KubeadmControlPlane,
    name: string,
    count: number,
  ) => api.mergePatch(type, name, cluster.namespace, { spec: { replicas: count } });
  const machines = (count: number) => () =>
    store.list(resources.Machine, cluster.namespace).length === count &&
    store.list(resources.Machine, cluster.namespace).every((machine) => isTrue(machine, "Ready")) &&
    store.list(resources.BareMetalHost, cluster.namespace).filter((host) => stateOf(host) === "available")
      .length ===
      4 - count;
  await timed("worker scaled to 0", async () => {
    await replicas(resources.MachineDeployment, "capi-1-worker", 0);
    await waitFor(store, "no worker", 120, machines(3));
  });
  await timed("control plane scaled to 1", async () => {
    await replicas(resources.KubeadmControlPlane, "capi-1", 1);
    await waitFor(store, "one control plane", 180, machines(1));
  });
  await timed("control plane scaled to 3", async () => {
    await replicas(resources.KubeadmControlPlane, "capi-1", 3);
    await waitFor(store, "three control planes", 240, machines(3));
  });
  await timed("deleted", async () => {
    await api.delete(resources.Cluster, cluster.name, cluster.namespace);
    await waitFor(store, "gone", 200, gone(store, cluster));
  });
};

/** Host faults end and clear as they should; a payload for another endpoint never makes a node Ready. */
const faults: Scenario = async (stage) => {
  const { api, store, context } = stage;
  const good = stage.cluster("capi-1", 250, 1);
  const cluster = { ...good, cilium: good.cilium.replaceAll(good.vip, "10.250.250.99") };
  const host = (name: string) => store.get(resources.BareMetalHost, name, cluster.namespace);
  const error = (name: string) => text(host(name), "status", "errorType");
  context.faults.activate({ kind: "bmc-password", host: "capi-1-worker-0" });
  context.faults.activate({ kind: "image-checksum", host: "capi-1-cp-0" });
  await create(api, cluster);
  await waitFor(
    store,
    "registration error, three times",
    30,
    () => number(host("capi-1-worker-0"), "status", "errorCount") === 3,
  );
  say(text(host("capi-1-worker-0"), "status", "errorMessage") ?? "");
  await api.mergePatch(resources.Secret, "capi-1-worker-0-bmc", cluster.namespace, {
    stringData: { password: "right" },
  });
  await waitFor(
    store,
    "available with the right password",
    20,
    () => stateOf(host("capi-1-worker-0")) === "available",
  );
  await waitFor(store, "provisioning error", 60, () => error("capi-1-cp-0") === "provisioning error");
  say(text(host("capi-1-cp-0"), "status", "errorMessage") ?? "");
  context.faults.clear("image-checksum");
  await waitFor(store, "provisioned after all", 60, () => stateOf(host("capi-1-cp-0")) === "provisioned");
  await waitFor(store, "initialised", 120, () => {
    const object = store.get(resources.Cluster, cluster.name, cluster.namespace);
    return field(object, "status", "initialization", "controlPlaneInitialized") === true;
  });
  const inside = await workload(stage, cluster);
  const nodes = new Store(inside, stage.context.signal);
  await nodes.follow([resources.Node]);
  await waitFor(nodes, "the node says which endpoint Cilium cannot reach", 120, () =>
    nodes
      .list(resources.Node)
      .some((node) => JSON.stringify(node["status"]).includes("at 10.250.250.99:6443")),
  );
  await new Promise((resolve) => setTimeout(resolve, 5000));
  if (nodes.list(resources.Node).some((node) => isTrue(node, "Ready"))) throw new Error("a node is Ready");
  context.faults.activate({ kind: "bmc-hangs-deprovisioning", host: "capi-1-cp-0" });
  await api.delete(resources.Cluster, cluster.name, cluster.namespace);
  await waitFor(store, "deprovisioning", 90, () => stateOf(host("capi-1-cp-0")) === "deprovisioning");
  await new Promise((resolve) => setTimeout(resolve, 4000));
  if (stateOf(host("capi-1-cp-0")) !== "deprovisioning") throw new Error("the BMC did not hang");
  context.faults.clear("bmc-hangs-deprovisioning");
  await waitFor(store, "gone", 60, gone(store, cluster));
  for (const each of store.list(resources.BareMetalHost, cluster.namespace)) {
    await api.delete(resources.BareMetalHost, each.metadata.name, cluster.namespace);
  }
  await waitFor(
    store,
    "hosts deleted",
    30,
    () => store.list(resources.BareMetalHost, cluster.namespace).length === 0,
  );
};

/** What Pulumi's default propagation does to a Cluster: reported, not judged. */
const foreground: Scenario = async (stage) => {
  const { api, store } = stage;
  const cluster = stage.cluster("capi-1", 250, 1);
  await create(api, cluster);
  await waitFor(store, "all ready", 300, () => settled(store, cluster));
  await api.delete(resources.Cluster, cluster.name, cluster.namespace, "Foreground");
  await waitFor(store, "gone", 60, gone(store, cluster)).catch((error: Error) =>
    say(`stays: ${error.message}`),
  );
};

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  create: createAndDelete(["capi-1", 250, 3]),
  two: createAndDelete(["capi-1", 250, 3], ["capi-2", 251, 1]),
  scale: bgpAndScale,
  faults,
  foreground,
};

async function main(): Promise<void> {
  const scenario = SCENARIOS[process.argv[2] ?? "create"];
  if (scenario === undefined)
    throw new Error(`unknown scenario; there are ${Object.keys(SCENARIOS).join(", ")}`);
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), "simulated-"));
  say(directory);
  prepareLoopback([]);
  const wanted = [
    ...new Set([...managementTools, ...simulatedTools, "helm", "cilium-chart-1.19.5"] as const),
  ];
  const tools = await ensureTools(wanted, () => undefined);
  const log = new EventLog(path.join(directory, "events.jsonl"), (event) =>
    say(`${event.did} ${event.object} ${event.detail ?? ""}`),
  );
  const processes = new Processes(path.join(directory, "logs"), log);
  const end = new AbortController();
  const management = await startManagementPlane(path.join(directory, "management"), tools, processes);
  const faultsHere = new ActiveFaults();
  const context: LabContext = {
    directory,
    tools,
    processes,
    management,
    pace: paces.fast,
    log,
    faults: faultsHere,
    servers: new LoopbackServers(),
    loadBalancers: new Set(),
    serverPorts: new Map(),
    signal: end.signal,
  };
  const part = await startSimulatedHardware(context, startCilium);
  const store = new Store(management.api, end.signal);
  await store.follow([resources.Cluster, resources.BareMetalHost, resources.Machine]);
  const cluster = (name: string, octet: number, controlPlanes: number): TestCluster => ({
    name,
    namespace: name,
    vip: `10.250.${octet}.29`,
    network: `10.250.${octet}`,
    controlPlanes,
    workers: 1,
    cilium: render(tools, directory, `10.250.${octet}.29`),
  });
  try {
    await scenario({ context, store, api: management.api, cluster });
    const left = processes.names.filter((name) => name.startsWith("workload-"));
    if (left.length > 0) say(`still running: ${left.join(", ")}`);
  } finally {
    await part.stop();
    end.abort();
    await processes.killAll();
  }
  fs.rmSync(directory, { recursive: true, force: true });
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
