import { type AgentNotification, agentNotifications } from "../../model/live/bgp/agent-log";
import { type KubernetesObject, field, list, text } from "../../model/kubernetes/object";
import { type Snapshot, inWorkload } from "../../model/live/snapshot";
import type { KubernetesApi } from "../kubernetes/api";
import type { StackClusters } from "./clusters";

/** How far back, and on how many nodes: a mistake that was fixed yesterday is no cause. */
const limits = { minutes: 10, lines: 2000, nodes: 20 } as const;

/** Whether every peer that a CiliumBGPNodeConfig reports is established; false when none is reported. */
export function allEstablished(config: KubernetesObject): boolean {
  const peers = list(config, "status", "bgpInstances").flatMap((instance) => list(instance, "peers"));
  return peers.length > 0 && peers.every((peer) => field(peer, "peeringState") === "established");
}

/** The pod of Cilium's agent on a node. */
export function agentOn(pods: readonly KubernetesObject[], node: string): KubernetesObject | undefined {
  return pods.find(
    (pod) => pod.metadata.labels?.["k8s-app"] === "cilium" && text(pod, "spec", "nodeName") === node,
  );
}

/** The NOTIFICATIONs in an agent's log; undefined where the log cannot be read: no permission, or the node is away. */
export async function readNotifications(
  api: KubernetesApi,
  { metadata: { name, namespace = "" } }: KubernetesObject,
  range: { readonly sinceSeconds: number; readonly tailLines: number },
  signal?: AbortSignal,
): Promise<readonly AgentNotification[] | undefined> {
  const path = `/api/v1/namespaces/${namespace}/pods/${name}/log`;
  const query = { container: "cilium-agent", ...range };
  try {
    const options = { query, timeoutSeconds: 5, ...(signal === undefined ? {} : { signal }) };
    const log = await api.request("GET", path, options);
    return typeof log === "string" ? agentNotifications(log) : [];
  } catch {
    return undefined;
  }
}

/** The snapshot with the agents' NOTIFICATIONs about sessions that are down: their state alone does not show the cause. */
export async function withAgentLogs(snapshot: Snapshot, clusters: StackClusters): Promise<Snapshot> {
  const down = inWorkload(snapshot, "bgpNodeConfigs").filter((config) => !allEstablished(config));
  if (snapshot.workload.unreachable !== undefined || down.length === 0) return snapshot;
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
