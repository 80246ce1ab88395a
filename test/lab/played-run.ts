import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { KubernetesApi } from "../../ops/kubernetes/api";
import { list, number, text, type KubernetesObject } from "../../model/kubernetes/object";
import { resources } from "../../model/kubernetes/resources";
import { PACES, type LabContext } from "../../lab/context";
import { ArmedFaults } from "../../lab/faults/armed";
import { MANAGEMENT_TOOLS, startManagementPlane } from "../../lab/management";
import { prepareLoopback } from "../../lab/namespace/addresses";
import { PLAYED_TOOLS, startPlayedHardware } from "../../lab/played";
import { isTrue } from "../../lab/played/conditions";
import { World } from "../../lab/played/world";
import { EventLog } from "../../lab/processes/event-log";
import { Processes } from "../../lab/processes/processes";
import { ensureTools, type Toolchain } from "../../lab/toolchain";
import { testObjects, type TestCluster } from "./played-objects";

const begun = Date.now();
const seconds = () => ((Date.now() - begun) / 1000).toFixed(1).padStart(6);
const say = (line: string) => console.log(`[${seconds()}] ${line}`);

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

async function waitFor(world: World, what: string, limit: number, is: () => boolean): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${what}: not within ${limit} s`)), limit * 1000);
    const check = () => {
      if (!is()) return;
      stop();
      clearTimeout(timer);
      resolve();
    };
    const stop = world.onChange(check);
    check();
  });
  say(`=== ${what}`);
}

function settled(world: World, cluster: TestCluster): boolean {
  const object = world.get(resources.Cluster, cluster.name, cluster.namespace);
  return (
    isTrue(object, "Available") &&
    number(object, "status", "controlPlane", "readyReplicas") === cluster.controlPlanes &&
    number(object, "status", "workers", "readyReplicas") === cluster.workers
  );
}

async function main(): Promise<void> {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), "played-"));
  say(directory);
  prepareLoopback([]);
  const tools = await ensureTools(
    [...new Set([...MANAGEMENT_TOOLS, ...PLAYED_TOOLS, "helm", "cilium-chart-1.19.5"] as const)],
    () => undefined,
  );
  const log = new EventLog(path.join(directory, "events.jsonl"), (event) =>
    say(`${event.did} ${event.object} ${event.detail ?? ""}`),
  );
  const processes = new Processes(path.join(directory, "logs"), log);
  const end = new AbortController();
  const management = await startManagementPlane(path.join(directory, "management"), tools, processes);
  const context: LabContext = {
    directory,
    tools,
    processes,
    management,
    pace: PACES.fast,
    log,
    faults: new ArmedFaults(),
    signal: end.signal,
  };
  const part = await startPlayedHardware(context);
  const world = new World(management.api, end.signal);
  await world.follow([resources.Cluster, resources.BareMetalHost, resources.Machine]);
  const cluster = (name: string, octet: number, controlPlanes: number): TestCluster => ({
    name,
    namespace: name,
    vip: `10.250.${octet}.29`,
    network: `10.250.${octet}`,
    controlPlanes,
    workers: 1,
    cilium: render(tools, directory, `10.250.${octet}.29`),
  });
  const clusters = [cluster("capi-1", 250, 3)];
  if (process.argv.includes("--two")) clusters.push(cluster("capi-2", 251, 1));
  const start = Date.now();
  for (const each of clusters) await create(management.api, each);
  say("objects created");
  for (const each of clusters) {
    await waitFor(world, `${each.name} available, all ready`, 300, () => settled(world, each));
    say(`${each.name}: ${((Date.now() - start) / 1000).toFixed(1)} s`);
  }
  if (process.argv.includes("--hold")) await new Promise((resolve) => setTimeout(resolve, 600_000));
  for (const each of clusters) {
    const from = Date.now();
    await management.api.delete(resources.Cluster, each.name, each.namespace);
    await waitFor(world, `${each.name} deleted`, 200, () => {
      const there = world.get(resources.Cluster, each.name, each.namespace);
      const hosts = world.list(resources.BareMetalHost, each.namespace);
      const free = hosts.every((host) => text(host, "status", "provisioning", "state") === "available");
      return there === undefined && free && list(hosts, 0).length === 0;
    });
    say(`${each.name} deleted in ${((Date.now() - from) / 1000).toFixed(1)} s`);
  }
  say(`still running: ${processes.names.join(", ")}`);
  await part.stop();
  end.abort();
  await processes.killAll();
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
