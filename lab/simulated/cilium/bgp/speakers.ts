import type { LabContext } from "../../../context";
import type { NodeSessions } from "./node-status";
import type { NodeBgp, SpeakerPlan } from "./plan-nodes";
import type { SessionState } from "./session-state";
import { Speaker } from "./speaker";

/** The speakers of all nodes of one cluster. */
export class Speakers {
  private readonly running = new Map<string, Speaker>();
  /** Sessions that were established when last asked, for telling what changed. */
  private readonly established = new Set<string>();

  constructor(
    private readonly context: LabContext,
    private readonly cluster: string,
  ) {}

  /** Has exactly the speakers of these nodes running, each with what its objects say. */
  async keep(plans: readonly NodeBgp[]): Promise<void> {
    const wanted = new Set(plans.flatMap((plan) => plan.speakers.map((each) => this.name(plan, each))));
    for (const [name, speaker] of this.running) {
      if (wanted.has(name)) continue;
      this.running.delete(name);
      await speaker.stop();
    }
    await Promise.all(
      plans.flatMap((plan) => plan.speakers.map((speaker, index) => this.apply(plan, speaker, index))),
    );
  }

  /** What a node's speakers say of their sessions, by instance. */
  async sessions(plan: NodeBgp): Promise<NodeSessions> {
    const found = new Map<string, readonly SessionState[]>();
    for (const { instance, peers } of plan.speakers) {
      const sessions = (await this.running.get(this.name(plan, { instance }))?.sessions()) ?? [];
      found.set(instance, sessions);
      for (const peer of peers) {
        const session = sessions.find((each) => each.address === peer.address);
        this.tell(plan.node, `${peer.name} ${peer.address}`, session?.state ?? "unknown");
      }
    }
    return found;
  }

  /** Where a speaker writes. */
  logFile(plan: NodeBgp, speaker: SpeakerPlan): string {
    return this.context.processes.logFile(this.name(plan, speaker));
  }

  /** The power of all nodes is off. */
  async stopAll(): Promise<void> {
    const all = [...this.running.values()];
    this.running.clear();
    await Promise.all(all.map((speaker) => speaker.stop()));
  }

  private async apply(plan: NodeBgp, speaker: SpeakerPlan, index: number): Promise<void> {
    const name = this.name(plan, speaker);
    const known = this.running.get(name) ?? new Speaker(this.context, name, plan.address, index);
    this.running.set(name, known);
    const did = await known.apply(speaker);
    if (did !== "unchanged") this.context.log.record(`bgp-speaker-${did}`, `Node/${plan.node}`, name);
  }

  private tell(node: string, peer: string, state: string): void {
    const key = `${node} ${peer}`;
    const was = this.established.has(key);
    if (state === "established" && !was) {
      this.established.add(key);
      this.context.log.record("bgp-established", `Node/${node}`, peer);
    } else if (state !== "established" && was) {
      this.established.delete(key);
      this.context.log.record("bgp-lost", `Node/${node}`, `${peer} is ${state}`);
    }
  }

  private name(plan: { readonly node: string }, speaker: { readonly instance: string }): string {
    return `bgp-${this.cluster}-${plan.node}-${speaker.instance}`;
  }
}
