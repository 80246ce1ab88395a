import type { AgentNotification } from "../../model/live/bgp/agent-log";
import type { WorkloadWatch } from "../../model/live/readiness/observation";
import type { KubernetesApi } from "../kubernetes/api";
import type { Informer } from "../kubernetes/informer";
import { pause } from "../kubernetes/watch";
import { agentOn, allEstablished, readNotifications } from "../live/agent-notifications";

/** The log of a session that was just configured has no entries yet. */
const everySeconds = 10;

/** Reads the agents' logs for NOTIFICATIONs while a session of their node is not established. */
export class AgentLogs {
  private readonly found = new Map<string, readonly AgentNotification[]>();

  constructor(
    private readonly informer: Informer<WorkloadWatch>,
    private readonly onChange: () => void,
  ) {}

  /** By node. */
  get notifications(): ReadonlyMap<string, readonly AgentNotification[]> {
    return this.found;
  }

  /** Reads until the signal aborts; a log that cannot be read has no notifications. */
  async follow(api: KubernetesApi, signal: AbortSignal): Promise<void> {
    const begun = Date.now();
    while (!signal.aborted) {
      await pause(everySeconds, signal);
      const { bgpNodeConfigs, ciliumPods } = this.informer.objects();
      for (const config of bgpNodeConfigs?.values() ?? []) {
        const node = config.metadata.name;
        const agent = agentOn([...(ciliumPods?.values() ?? [])], node);
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
