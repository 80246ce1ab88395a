import net from "node:net";
import { agentSelector, isSelected } from "../../model/kubernetes/labels";
import { type KubernetesObject, defined, field, list, text } from "../../model/kubernetes/object";
import {
  type AgentNotification,
  type RouterReach,
  agentNotifications,
} from "../../model/live/bgp/session-cause";
import { type Snapshot, type WorkloadPart, inWorkload } from "../../model/live/snapshot";
import type { BgpReadinessPlan } from "../../model/plan/readiness";
import type { KubernetesApi } from "../kubernetes/api";
import type { Informer } from "../kubernetes/informer";
import { pause } from "../polling";
import type { StackClusters } from "./clusters";

/** How far back, and on how many nodes: a mistake that was fixed yesterday is no cause. */
const limits = { minutes: 10, lines: 2000, nodes: 20 } as const;

/** Whether every peer that a CiliumBGPNodeConfig reports is established; false when none is reported. */
function allEstablished(config: KubernetesObject): boolean {
  const peers = list(config, "status", "bgpInstances").flatMap((instance) => list(instance, "peers"));
  return peers.length > 0 && peers.every((peer) => field(peer, "peeringState") === "established");
}

/** The pod of Cilium's agent on a node. */
function agentOn(pods: readonly KubernetesObject[], node: string): KubernetesObject | undefined {
  return pods.find((pod) => isSelected(pod, agentSelector) && text(pod, "spec", "nodeName") === node);
}

/** The NOTIFICATIONs in an agent's log; undefined where the log cannot be read: no permission, or the node is away. */
async function readNotifications(
  api: KubernetesApi,
  { metadata: { name, namespace = "" } }: KubernetesObject,
  range: { readonly sinceSeconds: number; readonly tailLines: number },
  signal?: AbortSignal,
): Promise<readonly AgentNotification[] | undefined> {
  const path = `/api/v1/namespaces/${namespace}/pods/${name}/log`;
  const query = { container: "cilium-agent", ...range };
  try {
    const options = { query, timeoutSeconds: 5, ...defined({ signal }) };
    const log = await api.request("GET", path, options);
    return typeof log === "string" ? agentNotifications(log) : [];
  } catch {
    return undefined;
  }
}

/** The snapshot with the agents' NOTIFICATIONs about sessions that are down: their state alone does not show the cause. */
export async function withAgentLogs(snapshot: Snapshot, clusters: StackClusters): Promise<Snapshot> {
  const down = inWorkload(snapshot, "bgpNodeConfigs").filter((config) => !allEstablished(config));
  if (snapshot.workload.trouble !== undefined || down.length === 0) return snapshot;
  const api = await clusters.workload();
  const range = { sinceSeconds: limits.minutes * 60, tailLines: limits.lines };
  const read = await Promise.all(
    down.slice(0, limits.nodes).map(async ({ metadata: { name: node } }) => {
      const agent = agentOn(inWorkload(snapshot, "pods"), node);
      return [node, agent && (await readNotifications(api, agent, range))] as const;
    }),
  );
  const notifications = Object.fromEntries(
    read.flatMap(([node, found]) => (found === undefined ? [] : [[node, found] as const])),
  );
  return { ...snapshot, workload: { ...snapshot.workload, notifications } };
}

/** The log of a session that was just configured has no entries yet. */
const everySeconds = 10;

/** Reads the agents' logs for NOTIFICATIONs while a session of their node is not established. */
export class AgentLogs {
  private readonly found = new Map<string, readonly AgentNotification[]>();

  constructor(
    private readonly informer: Informer<WorkloadPart>,
    private readonly onChange: () => void,
  ) {}

  /** By node. */
  get notifications(): NonNullable<Snapshot["workload"]["notifications"]> {
    return Object.fromEntries(this.found);
  }

  /** Reads until the signal aborts; a log that cannot be read has no notifications. */
  async follow(api: KubernetesApi, signal: AbortSignal): Promise<void> {
    const begun = Date.now();
    while (!signal.aborted) {
      await pause(everySeconds, signal);
      const { bgpNodeConfigs, pods } = this.informer.readings(["bgpNodeConfigs", "pods"]);
      for (const config of bgpNodeConfigs.objects ?? []) {
        const node = config.metadata.name;
        const agent = agentOn(pods.objects ?? [], node);
        if (allEstablished(config)) this.found.delete(node);
        else if (agent !== undefined) {
          // An entry from before the wait may be about what was fixed since; rounded up, the range would include it.
          const sinceSeconds = Math.floor((Date.now() - begun) / 1000);
          const read = await readNotifications(api, agent, { sinceSeconds, tailLines: 400 }, signal);
          if (read === undefined) this.found.delete(node);
          else {
            this.found.set(node, read);
            this.onChange();
          }
        }
      }
    }
  }
}

/** Not often: a router may log each connection from an unconfigured address. */
const tries = { everySeconds: 20, timeoutSeconds: 3 } as const;

/** Tries the routers' BGP ports while a session is not established: whether the router listens distinguishes causes. */
export class RouterProbes {
  private readonly found = new Map<string, RouterReach>();

  constructor(
    private readonly informer: Informer<WorkloadPart>,
    private readonly onChange: () => void,
  ) {}

  /** By `address port`. */
  get reach(): NonNullable<Snapshot["workload"]["routers"]> {
    return Object.fromEntries(this.found);
  }

  /** Tries until the signal aborts; not before a session had time to come up. */
  async follow(plan: BgpReadinessPlan, signal: AbortSignal): Promise<void> {
    const peers = plan.instances.flatMap((instance) => instance.peers);
    const ends = new Map(peers.map(({ address, port }) => [`${address} ${port}`, { address, port }]));
    while (!signal.aborted) {
      await pause(tries.everySeconds, signal);
      const configs = this.informer.readings(["bgpNodeConfigs"]).bgpNodeConfigs.objects ?? [];
      if (signal.aborted || configs.every(allEstablished)) continue;
      await Promise.all(
        [...ends].map(async ([key, { address, port }]) => this.found.set(key, await connects(address, port))),
      );
      this.onChange();
    }
  }
}

function connects(host: string, port: number): Promise<RouterReach> {
  return new Promise((resolve) => {
    const socket = net.connect({ host, port, timeout: tries.timeoutSeconds * 1000 });
    const end = (reach: RouterReach) => {
      socket.destroy();
      resolve(reach);
    };
    socket.once("connect", () => end("accepted"));
    socket.once("timeout", () => end("silent"));
    socket.once("error", (error: NodeJS.ErrnoException) =>
      end(error.code === "ECONNREFUSED" ? "refused" : "silent"),
    );
  });
}
