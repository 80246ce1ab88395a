import fs from "node:fs";
import path from "node:path";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { LabContext } from "../../../context";
import { type GobgpConfig, gobgpConfig } from "./gobgp-config";
import type { NodeBgp, SpeakerPlan } from "./plan-nodes";
import { type NodeSessions, type SessionState, sessionState } from "./session-state";
import { number } from "../../../../model/kubernetes/object";
import { hostPort } from "../../../../model/net/addresses";

/** The speakers of all nodes of one cluster. */
export class Speakers {
  private readonly running = new Map<string, Speaker>();
  /** Sessions that were established at the last query, to detect changes. */
  private readonly established = new Set<string>();

  constructor(
    private readonly context: LabContext,
    private readonly cluster: string,
  ) {}

  /** Has exactly the speakers of these nodes running, each configured from its objects. */
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

  /** What a node's speakers report of their sessions, by instance. */
  async sessions(plan: NodeBgp): Promise<NodeSessions> {
    const found = new Map<string, readonly SessionState[]>();
    for (const { instance, peers } of plan.speakers) {
      const sessions = (await this.running.get(this.name(plan, { instance }))?.sessions()) ?? [];
      found.set(instance, sessions);
      for (const peer of peers) {
        const session = sessions.find((each) => each.address === peer.address);
        this.reportChange(plan.node, `${peer.name} ${peer.address}`, session?.state ?? "unknown");
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
    const place = { name, host: plan.address, port: apiPort + index };
    const known = this.running.get(name) ?? new Speaker(this.context, place);
    this.running.set(name, known);
    const did = await known.apply(speaker);
    if (did !== "unchanged") this.context.log.record(`bgp-speaker-${did}`, `Node/${plan.node}`, name);
  }

  private reportChange(node: string, peer: string, state: string): void {
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

/** gobgpd's own gRPC port; each node has an address of its own, so that all can use it. */
const apiPort = 50051;

const run = promisify(execFile);

/** Where a speaker runs. */
interface SpeakerPlace {
  /** Name of its process; unique in the lab. */
  readonly name: string;
  /** The node's address: the daemon's API is there. */
  readonly host: string;
  /** Of the daemon's API, where a node has several speakers. */
  readonly port?: number;
  /** The command that runs another one on the node's network, where that is not the lab's. */
  readonly on?: (argv: readonly string[]) => readonly string[];
}

/** A real GoBGP daemon in place of the one inside a node's agent. */
export class Speaker {
  private running: { readonly plan: SpeakerPlan; readonly config: GobgpConfig } | undefined;
  private readonly file: string;

  constructor(
    private readonly context: Pick<LabContext, "processes" | "tools" | "directory">,
    private readonly place: SpeakerPlace,
  ) {
    const folder = path.join(context.directory, "bgp");
    fs.mkdirSync(folder, { recursive: true });
    this.file = path.join(folder, `${place.name}.json`);
  }

  private get name(): string {
    return this.place.name;
  }

  private get port(): number {
    return this.place.port ?? apiPort;
  }

  /** Brings the daemon to the state of the objects: started, reloaded, or restarted where its own identity changed. */
  async apply(plan: SpeakerPlan): Promise<"started" | "reloaded" | "unchanged"> {
    const config = gobgpConfig(plan);
    const before = this.running?.config;
    if (before === undefined || !same(before.file["global"], config.file["global"], "config")) {
      await this.stop();
      await this.start(plan, config);
      return "started";
    }
    if (same(before.file, config.file)) return "unchanged";
    await this.reload(plan, config, before);
    return "reloaded";
  }

  /** What the daemon reports of its sessions; a peer that it does not know yet is left out. */
  async sessions(): Promise<SessionState[]> {
    const answers = await Promise.all(
      (this.running?.plan.peers ?? []).map(async ({ address }) => {
        try {
          return [sessionState(JSON.parse(await this.runGobgp("-j", "neighbor", address)))];
        } catch (error) {
          if (/not found neighbor/.test((error as Error).message)) return [];
          throw error;
        }
      }),
    );
    return answers.flat();
  }

  /** SIGKILL: the peers receive no notification, as when a server loses its power or an agent crashes. */
  async stop(): Promise<void> {
    this.running = undefined;
    await this.context.processes.kill(this.name);
  }

  private async start(plan: SpeakerPlan, config: GobgpConfig): Promise<void> {
    this.write(config);
    const api = hostPort({ host: this.place.host, port: this.port });
    const options = ["-t", "json", "--pprof-disable", "--metrics-path=", `--api-hosts=${api}`];
    // The agent always claims to restart, so that routers keep what they know of the node (gobgpd --help).
    const restarts = plan.peers.some((peer) => peer.restartSeconds !== undefined) ? ["-r"] : [];
    const argv = [this.context.tools.tool("gobgpd"), "-f", this.file, ...options, ...restarts];
    const ready = () => this.hasIdentity(plan);
    const command = this.place.on?.(argv) ?? argv;
    await this.context.processes.start(this.name, command, { ready, containerLog: true });
    this.running = { plan, config };
    for (const each of config.prefixes) await this.inject("add", each);
  }

  private async reload(plan: SpeakerPlan, config: GobgpConfig, before: GobgpConfig): Promise<void> {
    this.write(config);
    process.kill(this.context.processes.pid(this.name) ?? 0, "SIGHUP");
    this.running = { plan, config };
    if (before.policy === config.policy) return;
    await this.untilPolicyIs(config.policy);
    const had = new Set(before.prefixes.map(({ prefix }) => prefix));
    const has = new Set(config.prefixes.map(({ prefix }) => prefix));
    for (const each of config.prefixes) if (!had.has(each.prefix)) await this.inject("add", each);
    for (const each of before.prefixes) if (!has.has(each.prefix)) await this.inject("del", each);
    // A changed policy does not reach what was sent before.
    for (const { address } of plan.peers) await this.runGobgp("neighbor", address, "softresetout");
  }

  private write(config: GobgpConfig): void {
    fs.writeFileSync(this.file, JSON.stringify(config.file, undefined, 1), { mode: 0o600 });
  }

  private async hasIdentity(plan: SpeakerPlan): Promise<boolean> {
    try {
      return number(JSON.parse(await this.runGobgp("-j", "global")), "asn") === plan.localASN;
    } catch {
      // It does not answer yet.
      return false;
    }
  }

  private async untilPolicyIs(name: string): Promise<void> {
    for (let tries = 0; tries < 50; tries += 1) {
      if ((await this.runGobgp("-j", "global", "policy", "export")).includes(`"${name}"`)) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`${this.name} has not taken its new configuration: ${this.file}`);
  }

  private async inject(action: "add" | "del", { prefix, family }: GobgpConfig["prefixes"][number]) {
    await this.runGobgp("global", "rib", action, prefix, "-a", family);
  }

  private async runGobgp(...args: readonly string[]): Promise<string> {
    const argv = ["-u", this.place.host, "-p", String(this.port), ...args];
    return (await run(this.context.tools.tool("gobgp"), argv, { timeout: 10_000 })).stdout;
  }
}

/** Whether two values are the same, or their member is. */
function same(a: unknown, b: unknown, member?: string): boolean {
  const of = (value: unknown) =>
    JSON.stringify(member === undefined ? value : (value as Record<string, unknown>)[member]);
  return of(a) === of(b);
}
