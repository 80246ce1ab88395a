import { agentNotifications, type AgentNotification } from "../../model/live/bgp/agent-log";
import { text, type KubernetesObject } from "../../model/kubernetes/object";
import type { WorkloadWatch } from "../../model/live/readiness/observation";
import type { KubernetesApi } from "../kubernetes/api";
import { pause } from "../kubernetes/watch";
import { allEstablished } from "./bgp-states";
import type { Store } from "./store";

/** A session that has just been configured has nothing to tell yet. */
const asks = { everySeconds: 10, lines: 400 } as const;

/** Asks the agents' logs for NOTIFICATIONs while a session of their node is not established. */
export class AgentLogs {
  private readonly found = new Map<string, readonly AgentNotification[]>();

  constructor(
    private readonly store: Store<WorkloadWatch>,
    private readonly onChange: () => void,
  ) {}

  /** By node. */
  get notifications(): ReadonlyMap<string, readonly AgentNotification[]> {
    return this.found;
  }

  /** Asks until the signal aborts; a log that cannot be read says nothing. */
  async follow(api: KubernetesApi, signal: AbortSignal): Promise<void> {
    const begun = Date.now();
    while (!signal.aborted) {
      await pause(asks.everySeconds, signal);
      const { bgpNodeConfigs, ciliumPods } = this.store.objects();
      for (const config of bgpNodeConfigs?.values() ?? []) {
        const node = config.metadata.name;
        if (allEstablished(config)) this.found.delete(node);
        else {
          const agent = [...(ciliumPods?.values() ?? [])].find(
            (pod) => pod.metadata.labels?.["k8s-app"] === "cilium" && text(pod, "spec", "nodeName") === node,
          );
          // What was said before we looked may be about what has just been mended; rounded up it would be among it.
          const sinceSeconds = Math.floor((Date.now() - begun) / 1000);
          if (agent !== undefined) await this.ask(api, node, agent, sinceSeconds, signal);
        }
      }
    }
  }

  private async ask(
    api: KubernetesApi,
    node: string,
    agent: KubernetesObject,
    sinceSeconds: number,
    signal: AbortSignal,
  ): Promise<void> {
    const { name, namespace = "" } = agent.metadata;
    const query = { container: "cilium-agent", sinceSeconds, tailLines: asks.lines };
    try {
      const path = `/api/v1/namespaces/${namespace}/pods/${name}/log`;
      const log = await api.request("GET", path, { query, timeoutSeconds: 5, signal });
      this.found.set(node, typeof log === "string" ? agentNotifications(log) : []);
      this.onChange();
    } catch {
      // A node that cannot be reached, or no right to read logs: the state alone must do.
      this.found.delete(node);
    }
  }
}
