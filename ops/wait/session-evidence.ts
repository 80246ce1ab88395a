import net from "node:net";
import type { AgentNotification } from "../../model/live/bgp/agent-log";
import type { RouterReach } from "../../model/live/bgp/session-cause";
import type { WorkloadWatch } from "../../model/live/readiness/observation";
import type { BgpReadinessPlan } from "../../model/plan/readiness";
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

/** Not often: a router may log each connection from an unconfigured address. */
const tries = { everySeconds: 20, timeoutSeconds: 3 } as const;

/** Tries the routers' BGP ports while a session is not established: whether the router listens distinguishes causes. */
export class RouterProbes {
  private readonly found = new Map<string, RouterReach>();

  constructor(
    private readonly informer: Informer<WorkloadWatch>,
    private readonly onChange: () => void,
  ) {}

  /** By `address port`. */
  get reach(): ReadonlyMap<string, RouterReach> {
    return this.found;
  }

  /** Tries until the signal aborts; not before a session had time to come up. */
  async follow(plan: BgpReadinessPlan, signal: AbortSignal): Promise<void> {
    const peers = plan.instances.flatMap((instance) => instance.peers);
    const ends = new Map(peers.map(({ address, port }) => [`${address} ${port}`, { address, port }]));
    while (!signal.aborted) {
      await pause(tries.everySeconds, signal);
      const configs = [...(this.informer.objects().bgpNodeConfigs?.values() ?? [])];
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
