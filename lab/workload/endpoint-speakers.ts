import type { LabContext } from "../context";
import { Speaker } from "../simulated/cilium/bgp/speakers";
import type { SpeakerPlan } from "../simulated/cilium/bgp/plan-nodes";
import type { Server } from "./servers";

/** A machine with sessions of its own, and what it announces once it holds the endpoint. */
interface EndpointSpeaker {
  readonly speaker: Speaker;
  readonly plan: SpeakerPlan;
}

/** GoBGP in place of kube-vip's, which is the same library, on the control plane machines of a cluster. */
export class EndpointSpeakers {
  private readonly running = new Map<string, EndpointSpeaker>();
  private hasStarted = false;

  constructor(
    private readonly context: LabContext,
    private readonly cluster: string,
  ) {}

  /** Whether they announce the endpoint: nothing else then leads to it. */
  get announce(): boolean {
    return this.hasStarted;
  }

  /** Starts the sessions of a machine, which announces nothing yet. A boot that is tried again finds them running. */
  async start(host: string, server: Server, address: string, plan: SpeakerPlan): Promise<void> {
    if (this.running.has(host)) return;
    const name = `kube-vip-${this.cluster}-${server.name}`;
    const speaker = new Speaker(this.context, { name, host: address, on: (argv) => server.on(argv) });
    this.running.set(host, { speaker, plan });
    this.hasStarted = true;
    await speaker.apply(withoutRoutes(plan));
  }

  /** The machine that holds the endpoint announces it, and no other one does. */
  async hold(host: string): Promise<void> {
    for (const [each, { speaker, plan }] of this.running)
      await speaker.apply(each === host ? plan : withoutRoutes(plan));
  }

  /** The power of a machine is cut. */
  async stop(host: string): Promise<void> {
    const speaker = this.running.get(host)?.speaker;
    this.running.delete(host);
    await speaker?.stop();
  }

  /** The power of all machines is cut. */
  async stopAll(): Promise<void> {
    for (const host of [...this.running.keys()]) await this.stop(host);
  }
}

function withoutRoutes(plan: SpeakerPlan): SpeakerPlan {
  return { ...plan, peers: plan.peers.map((peer) => ({ ...peer, announcements: [] })) };
}
