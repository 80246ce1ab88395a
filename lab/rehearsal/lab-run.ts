import fs from "node:fs";
import path from "node:path";
import { field } from "../../model/kubernetes/object";
import { resources } from "../../model/kubernetes/resources";
import type { ClusterPlan } from "../../model/plan/plan";
import type { LabContext, LabPart, Pace } from "../context";
import { ActiveFaults } from "../faults/fault";
import { managementTools, type ManagementPlane, startManagementPlane } from "../management";
import { simulatedTools, startSimulatedHardware } from "../simulated";
import { EventLog, type LabEvent } from "../processes/event-log";
import { type ProcessFailure, Processes } from "../processes/processes";
import { startRouters, type Router, type RouterOrder } from "../router";
import type { Toolchain } from "../toolchain";
import { Leaf, startSpine } from "../nodes/leaf";
import type { NamespaceServers } from "../nodes/servers";
import { type CiliumMode, serversFor } from "./cilium-mode";
import type { StackFacts } from "./stack-file";
import { type StackUsers, createLogins, createStackUsers } from "./stack-users";

/** Everything the lab and the program need, by name; `all` would build what is not used. */
export const labTools = [
  ...new Set([
    ...managementTools,
    ...simulatedTools,
    "pulumi",
    "pulumi-language-nodejs",
    "pulumi-resource-kubernetes",
    "cilium",
  ] as const),
];

/** A running lab. */
export interface LabRun {
  readonly context: LabContext;
  readonly plane: ManagementPlane;
  /** An administrator's kubeconfig for people who look inside, under the context's name from the stack file. */
  readonly kubeconfigFile: string;
  /** The users of each stack, by cluster: they have the rights that `metal rbac` prints, and no others. */
  readonly users: ReadonlyMap<string, StackUsers>;
  /** The routers of the stack's BGP sessions. */
  readonly routers: readonly Router[];
  /** The servers, where they are namespaces with real agents. */
  readonly nodes?: NamespaceServers;
  /** What the program plans for each stack that it takes, by cluster. */
  readonly plans: ReadonlyMap<string, ClusterPlan>;
  /** Rejects when a process of the lab or the simulated hardware fails. */
  readonly failure: Promise<never>;
  stop(): Promise<void>;
}

/** Starts the management plane and the simulated hardware, and creates the stacks' namespaces; the stacks share one context. */
export async function startLab(
  directory: string,
  tools: Toolchain,
  stacks: readonly [StackFacts, ...StackFacts[]],
  planned: { readonly orders: readonly RouterOrder[]; readonly plans: ReadonlyMap<string, ClusterPlan> },
  pace: Pace,
  ciliumMode: CiliumMode,
  onEvent: (event: LabEvent) => void,
): Promise<LabRun> {
  const stopping = new AbortController();
  const log = new EventLog(path.join(directory, "events.jsonl"), onEvent);
  const processes = new Processes(path.join(directory, "logs"), log);
  const plane = await startManagementPlane(path.join(directory, "management"), tools, processes);
  for (const name of new Set(stacks.map(({ namespace }) => namespace))) {
    await plane.api.create(resources.Namespace, { apiVersion: "v1", kind: "Namespace", metadata: { name } });
  }
  const kubeconfigFile = path.join(directory, "kubeconfig");
  fs.writeFileSync(kubeconfigFile, underContext(plane.kubeconfig, stacks[0].context), { mode: 0o600 });
  const users = await createStackUsers(plane, directory, [...planned.plans.values()]);
  for (const plan of planned.plans.values()) await createLogins(plane, plan);
  const leaves = ciliumMode.kind === "real" ? await startLeaves(planned.orders, stacks, processes) : [];
  const { servers, starter, nodes } = serversFor(ciliumMode, stacks, directory, tools, processes, leaves);
  const context: LabContext = {
    directory,
    tools,
    processes,
    management: plane,
    pace,
    log,
    servers,
    faults: new ActiveFaults(),
    loadBalancers: new Set(
      stacks.filter(({ endpoint }) => endpoint.provider === "external").map(({ endpoint }) => endpoint.host),
    ),
    serverPorts: new Map(
      stacks.flatMap(({ namespace, hosts }) =>
        hosts.map(({ name, ports }) => [`${namespace}/${name}`, ports] as const),
      ),
    ),
    signal: stopping.signal,
  };
  const orders = forwardingOrders(planned.orders, leaves, ciliumMode);
  await startSpine(leaves, processes, directory);
  const routers = await startRouters(orders, tools, processes, directory);
  const hardware = await startSimulatedHardware(context, starter);
  const failure = failureOf(processes, hardware);
  // It may be awaited late: an early failure must not end the program as an unhandled rejection.
  failure.catch(() => undefined);
  return {
    context,
    plane,
    kubeconfigFile,
    users,
    routers,
    ...(nodes === undefined ? {} : { nodes }),
    plans: planned.plans,
    failure,
    stop: async () => {
      stopping.abort();
      await hardware.stop();
      await processes.killAll();
      plane.api.close();
    },
  };
}

/** A leaf for each router that is the gateway of a node network. */
function startLeaves(
  orders: readonly RouterOrder[],
  stacks: readonly StackFacts[],
  processes: Processes,
): Promise<readonly Leaf[]> {
  const gateways = new Set(
    stacks.flatMap(({ nodeNetworks }) => nodeNetworks.flat().map(({ gateway }) => gateway)),
  );
  const isGateway = ({ addresses }: RouterOrder) => addresses.some((address) => gateways.has(address));
  return Promise.all(orders.filter(isGateway).map((order, index) => Leaf.start(order, index, processes)));
}

/** The same routers, as far as they forward: leaves do, and of the others one, unless the lab is the spine of leaves. */
function forwardingOrders(
  orders: readonly RouterOrder[],
  leaves: readonly Leaf[],
  { kind }: CiliumMode,
): readonly RouterOrder[] {
  if (kind === "simulated") return orders;
  return orders.map((order, index) => {
    const leaf = leaves.find(({ name }) => name === order.name);
    if (leaf !== undefined) return leaf.order;
    return index === 0 && leaves.length === 0 ? { ...order, forwardsOn: "lab" } : order;
  });
}

function failureOf(processes: Processes, hardware: LabPart): Promise<never> {
  return new Promise((_resolve, reject) => {
    processes.onFailure((failure: ProcessFailure) => reject(failure));
    hardware.done.catch(reject);
  });
}

/** The same kubeconfig with its one context renamed. */
function underContext(kubeconfig: string, name: string): string {
  const config = JSON.parse(kubeconfig) as Record<string, unknown>;
  const context = field(config, "contexts", 0) as object;
  return JSON.stringify(
    { ...config, contexts: [{ ...context, name }], "current-context": name },
    undefined,
    2,
  );
}
