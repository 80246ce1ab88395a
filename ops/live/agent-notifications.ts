import { type AgentNotification, agentNotifications } from "../../model/live/bgp/agent-log";
import { text } from "../../model/kubernetes/object";
import { type Snapshot, inWorkload } from "../../model/live/snapshot";
import { allEstablished } from "../wait/bgp-states";
import type { StackClusters } from "./clusters";

/** What a router has said lately; a mended mistake of yesterday is no cause. */
const asks = { minutes: 10, lines: 2000, seconds: 5, nodes: 20 } as const;

/** The snapshot with what the agents' logs say of sessions that are down: their state alone does not tell why. */
export async function withAgentLogs(snapshot: Snapshot, clusters: StackClusters): Promise<Snapshot> {
  const down = inWorkload(snapshot, "bgpNodeConfigs").filter((config) => !allEstablished(config));
  if (snapshot.workload.unreachable !== undefined || down.length === 0) return snapshot;
  const api = await clusters.workload();
  const read = await Promise.all(
    down.slice(0, asks.nodes).map(async ({ metadata }): Promise<[string, readonly AgentNotification[]][]> => {
      const agent = inWorkload(snapshot, "pods").find(
        (pod) =>
          pod.metadata.labels?.["k8s-app"] === "cilium" && text(pod, "spec", "nodeName") === metadata.name,
      );
      if (agent === undefined) return [];
      const { name, namespace = "" } = agent.metadata;
      const query = { container: "cilium-agent", sinceSeconds: asks.minutes * 60, tailLines: asks.lines };
      try {
        const path = `/api/v1/namespaces/${namespace}/pods/${name}/log`;
        const log = await api.request("GET", path, { query, timeoutSeconds: asks.seconds });
        return [[metadata.name, typeof log === "string" ? agentNotifications(log) : []]];
      } catch {
        // No right to read logs, or a node that is away: the state alone must do.
        return [];
      }
    }),
  );
  return { ...snapshot, workload: { ...snapshot.workload, notifications: Object.fromEntries(read.flat()) } };
}
