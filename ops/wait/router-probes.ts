import net from "node:net";
import type { RouterReach } from "../../model/live/bgp/session-cause";
import type { WorkloadWatch } from "../../model/live/readiness/observation";
import type { BgpReadinessPlan } from "../../model/plan/readiness";
import type { Informer } from "../kubernetes/informer";
import { pause } from "../kubernetes/watch";
import { allEstablished } from "../live/agent-notifications";

/** Not often: a router may log each connection from an unconfigured address. */
const tries = { everySeconds: 20, timeoutSeconds: 3 } as const;

/** Tries the routers' BGP ports while a session is not established: whether the router listens tells causes apart. */
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
