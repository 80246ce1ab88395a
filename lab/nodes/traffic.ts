import { polled } from "../../ops/polling";
import { list, text, type KubernetesObject } from "../../model/kubernetes/object";
import { resources } from "../../model/kubernetes/resources";
import type { KubernetesApi } from "../../ops/kubernetes/api";
import { NetworkNamespace } from "../namespace/network";
import type { Processes } from "../processes/processes";
import { podNetworkCommand } from "./pod-network";
import { requestFrom, type TcpAnswer } from "./request";
import type { NamespaceServers } from "./servers";

/** A place from which requests are sent. */
export interface Sender {
  readonly name: string;
  /** None where it is a node itself. */
  readonly addresses: readonly string[];
  on(argv: readonly string[]): readonly string[];
}

/** A pod of the test on one node; a server in it answers with its own name and the address that it saw. */
interface TrafficPod extends Sender {
  readonly node: string;
}

export const trafficNamespace = "rehearsal-traffic";
export const trafficPort = 8080;
/** Of the pods with servers. */
export const trafficLabels = { app: "rehearsal-traffic" };

/** The client's network behind the gateway, from the ranges for documentation (RFC 5737, RFC 3849). */
const outside = [
  { gateway: "203.0.113.1", client: "203.0.113.2", prefix: 24 },
  { gateway: "2001:db8:113::1", client: "2001:db8:113::2", prefix: 64 },
];

/** A pod with a server on every node, and a client behind the gateway. */
export class Traffic {
  private constructor(
    private readonly processes: Processes,
    private readonly workload: KubernetesApi,
    readonly pods: readonly TrafficPod[],
    readonly nodes: readonly Sender[],
    readonly client: Sender,
  ) {}

  /** Creates the pods and waits until their servers answer on their own nodes; throws after a minute. */
  static async start(
    servers: NamespaceServers,
    processes: Processes,
    workload: KubernetesApi,
  ): Promise<Traffic> {
    const nodes = (await workload.list(resources.Node)).items;
    await workload.apply(resources.Namespace, namespaceObject, { fieldManager: "rehearsal", force: true });
    const client = await startClient(processes);
    const pods = await Promise.all(nodes.map((node) => startPod(servers, processes, workload, node)));
    const senders = nodes.map(({ metadata: { name } }) => ({
      name,
      addresses: [],
      on: (argv: readonly string[]) => servers.nodeNamed(name)?.onItsNetwork(argv) ?? argv,
    }));
    return new Traffic(processes, workload, pods, senders, client);
  }

  /** Ends the servers and removes everything from the cluster. */
  async stop(): Promise<void> {
    for (const { name } of this.pods) await this.processes.kill(serverOf(name));
    await this.processes.kill(`${clientProcess}-server`);
    await this.processes.kill(clientProcess);
    await this.workload.delete(resources.Namespace, trafficNamespace);
    // The next ones could not be created in a namespace that is being deleted.
    const { held } = await polled(
      () => this.workload.get(resources.Namespace, trafficNamespace),
      (namespace) => namespace === undefined,
      { seconds: 60 },
    );
    if (!held) throw new Error(`namespace ${trafficNamespace} is still there after a minute`);
  }
}

/** Asks one of the servers; the answer's body is `POD saw ADDRESS`. */
export function ask(from: Sender, host: string, port: number, seconds = 3): Promise<TcpAnswer> {
  return requestFrom((argv) => from.on(argv), { host, port, path: "/", seconds });
}

/** Bytes of a large answer: enough for packets of every MTU in use. */
export const largeAnswerBytes = 65536;

/**
 * Asks one of the servers for a large answer; how many bytes of it arrived in a second. Pods of Cilium 1.19 send shorter packets
 * after a few of theirs got lost (`packetization-layer-pmtud-mode`), which takes longer.
 */
export async function askForMuch(from: Sender, host: string): Promise<number> {
  const request = { host, port: trafficPort, path: "/large", seconds: 1 };
  const answer = await requestFrom((argv) => from.on(argv), request);
  return answer.kind === "answer" ? answer.body.length : 0;
}

const namespaceObject = { apiVersion: "v1", kind: "Namespace", metadata: { name: trafficNamespace } };

const server = `require("node:http")
  .createServer((request, response) =>
    response.end(request.url === "/large"
      ? "x".repeat(${largeAnswerBytes})
      : process.argv[1] + " saw " + request.socket.remoteAddress.replace("::ffff:", "")))
  .listen(${trafficPort}, "::")`;

const serverOf = (pod: string) => `traffic-${pod}`;

async function startPod(
  servers: NamespaceServers,
  processes: Processes,
  workload: KubernetesApi,
  { metadata: { name: nodeName } }: KubernetesObject,
): Promise<TrafficPod> {
  const name = `on-${nodeName}`;
  const made = await workload.create(resources.Pod, {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: trafficNamespace, labels: trafficLabels },
    spec: {
      nodeName,
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 0,
      tolerations: [{ operator: "Exists" }],
      containers: [{ name: "server", image: "metal.lab/server" }],
    },
  });
  const addresses = await addressesOf(workload, name);
  const node = servers.nodeNamed(nodeName);
  if (node === undefined) throw new Error(`node ${nodeName} has no power`);
  const on = (argv: readonly string[]) => podNetworkCommand(node, made, argv);
  await processes.start(serverOf(name), on([process.execPath, "-e", server, name]), {
    ready: async () => (await ask({ name, addresses, on }, "127.0.0.1", trafficPort)).kind === "answer",
  });
  return { name, node: nodeName, addresses, on };
}

async function addressesOf(workload: KubernetesApi, name: string): Promise<readonly string[]> {
  const read = async () =>
    list(await workload.get(resources.Pod, name, trafficNamespace), "status", "podIPs").map(
      (entry) => text(entry, "ip") ?? "",
    );
  const { held, reading } = await polled(read, (addresses) => addresses.length > 0, { seconds: 60 });
  if (!held) throw new Error(`pod ${trafficNamespace}/${name} has got no address in a minute`);
  return reading;
}

const clientProcess = "traffic-client";

/** A network namespace behind the gateway, which the lab's own namespace is. */
async function startClient(processes: Processes): Promise<Sender> {
  const network = await NetworkNamespace.start(processes, clientProcess);
  network.link("client", "eth0", {
    lab: outside.map(({ gateway, prefix }) => `${gateway}/${prefix}`),
    inside: outside.map(({ client, prefix }) => `${client}/${prefix}`),
  });
  for (const { gateway } of outside) network.ip("route", "add", "default", "via", gateway);
  const on = (argv: readonly string[]) => network.on(argv);
  const addresses = outside.map(({ client }) => client);
  const name = "the client behind the gateway";
  await processes.start(`${clientProcess}-server`, on([process.execPath, "-e", server, name]), {
    ready: async () => (await ask({ name, addresses, on }, "127.0.0.1", trafficPort)).kind === "answer",
  });
  return { name, addresses, on };
}
