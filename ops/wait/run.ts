import { type KubernetesObject, defined } from "../../model/kubernetes/object";
import type { Cause } from "../../model/live/causes/cause";
import type { WaitEvent } from "../../model/live/readiness/event";
import {
  type ManagementPart,
  type Side,
  type Snapshot,
  type Trouble,
  managementParts,
  workloadParts,
} from "../../model/live/snapshot";
import type { WaitOrder } from "../../model/plan/readiness";
import { timelineJson } from "../../model/live/readiness/timeline";
import { type Look, type Memory, look, noMemory } from "../../model/live/readiness/tracker";
import { type ProgramCode, programCode } from "../exit-codes";
import type { KubernetesApi } from "../kubernetes/api";
import { Informer } from "../kubernetes/informer";
import type { Output } from "./output";
import { retryOldErrors } from "./retries";
import { readyText, startText, tellCauses, tellTimeout, waitingText } from "./report";
import { managementStreams } from "./streams";
import { WorkloadCluster } from "./workload-cluster";

/** CI systems stop jobs without output, and a reader wants to know what the run waits for. */
const heartbeatSeconds = 60;
/** After the first cause others are collected this long, so that all can be fixed at once. */
const lingerSeconds = 2;
/** The first look waits for the first lists, so that a finished cluster is not shown as one that begins. */
const settleSeconds = 5;

/** How a run ended: the program's exit code, and the one line for standard output when it is ready. */
export interface Ending {
  readonly code: ProgramCode;
  readonly stdout?: string;
}

/** One run of the waiting program: watches, looks at each change and each second, and ends once. */
export class Run {
  /** Resolves once, with how the run ended. */
  readonly ended: Promise<Ending>;
  private resolve: (ending: Ending) => void = () => undefined;
  private readonly stop = new AbortController();
  private readonly management: Informer<ManagementPart>;
  private readonly workload: WorkloadCluster;
  private readonly parent = process.ppid;
  private memory: Memory = noMemory;
  private api: KubernetesApi | undefined;
  private last: Look | undefined;
  private lastWords: number;
  private causedAt: number | undefined;
  private pending: NodeJS.Timeout | undefined;
  private ticker: NodeJS.Timeout | undefined;

  constructor(
    private readonly order: WaitOrder,
    private readonly output: Output,
    private readonly startedAt: number,
  ) {
    this.ended = new Promise((resolve) => (this.resolve = resolve));
    this.lastWords = startedAt;
    this.management = new Informer(() => this.changed());
    this.workload = new WorkloadCluster(order.plan, () => this.changed(), this.stop.signal);
  }

  /** Begins to follow the management cluster; the rest comes by itself. */
  start(api: KubernetesApi): void {
    const { plan, pace } = this.order;
    this.api = api;
    this.tell("wait", startText(plan));
    const onKubeconfig = (secret: KubernetesObject | undefined) => this.workload.use(secret);
    void this.management.follow(api, managementStreams(plan, onKubeconfig), this.stop.signal);
    const beat = pace?.heartbeatSeconds ?? heartbeatSeconds;
    const tickSeconds = Math.max(0.1, Math.min(1, beat / 2, pace?.graceScale ?? 1));
    this.ticker = setInterval(() => this.tick(), tickSeconds * 1000);
  }

  /** Ends the run because of a signal. */
  interrupt(signal: "SIGINT" | "SIGTERM"): void {
    this.tell("stopped", `by ${signal}; the next pulumi up resumes; ${this.standing()}`);
    this.end({ code: signal === "SIGINT" ? programCode.interrupted : programCode.terminated });
  }

  /** Ends the run because its output is no longer read. */
  abandon(why: string): void {
    this.tell("stopped", `${why}; the next pulumi up resumes; ${this.standing()}`);
    this.end({ code: programCode.terminated });
  }

  private standing(): string {
    const { missing = [], summary } = this.last ?? {};
    if (summary !== undefined) return summary;
    return missing.length === 0
      ? "nothing was seen yet"
      : `waited for ${waitingText(this.order.plan, missing)}`;
  }

  /** Many objects change together; one look serves them all. */
  private changed(): void {
    this.pending ??= setTimeout(() => {
      this.pending = undefined;
      this.look();
    }, 20);
  }

  private tick(): void {
    if (process.ppid !== this.parent) {
      this.abandon("the process that started this wait is gone");
      return;
    }
    this.look();
    const now = Date.now();
    const { plan, pace } = this.order;
    if (this.stop.signal.aborted || this.last === undefined) return;
    if (now - this.startedAt >= plan.timeoutSeconds * 1000) {
      this.summarize();
      tellTimeout(this.output, plan, this.last.missing, now);
      this.end({ code: programCode.failed });
    } else if (now - this.lastWords >= (pace?.heartbeatSeconds ?? heartbeatSeconds) * 1000) {
      this.lastWords = now;
      const text = `waiting for ${waitingText(plan, this.last.missing)}`;
      this.output.tellAtLength({ at: now, host: plan.cluster, phase: "still", text });
    }
  }

  private look(): void {
    const now = Date.now();
    if (this.stop.signal.aborted || !this.isSettled(now)) return;
    const { plan, pace } = this.order;
    const snapshot = this.snapshot(now);
    const found = look(plan, snapshot, this.memory, now, pace?.graceScale ?? 1);
    if (this.last === undefined && this.api !== undefined) {
      void retryOldErrors(this.api, plan, snapshot, (host, text) =>
        this.say({ at: Date.now(), host, phase: "retry", text }),
      );
    }
    this.memory = found.memory;
    this.last = found;
    for (const event of found.events) this.say(event);
    if (found.ready) this.succeed(now);
    else this.judge(found.causes, now);
  }

  private isSettled(now: number): boolean {
    if (this.last !== undefined || now - this.startedAt >= settleSeconds * 1000) return true;
    if (troubleOf(this.management) !== undefined) return true;
    if (!this.management.isListed()) return false;
    const { workload } = this;
    return (
      !workload.known || workload.informer.isListed() || (workload.probes > 0 && !workload.informer.reached)
    );
  }

  private snapshot(now: number): Snapshot {
    const { management, workload } = this;
    const { cluster, namespace } = this.order.plan;
    return {
      cluster,
      namespace,
      at: now,
      management: sideOf(management, managementParts),
      workload: {
        ...sideOf(workload.informer, workloadParts),
        kubeconfig: workload.known,
        credentials: [],
        notifications: workload.logs.notifications,
        routers: workload.routers.reach,
      },
      probes: workload.endpoint,
    };
  }

  private judge(causes: readonly Cause[], now: number): void {
    if (causes.length === 0) {
      this.causedAt = undefined;
      return;
    }
    this.causedAt ??= now;
    const linger = lingerSeconds * 1000 * (this.order.pace?.graceScale ?? 1);
    if (now - this.causedAt < linger) return;
    this.summarize();
    tellCauses(this.output, causes, now);
    const isManagement = causes[0]?.id.startsWith("management/") === true;
    this.end({ code: isManagement ? programCode.undecided : programCode.failed });
  }

  private summarize(): void {
    const summary = this.last?.summary;
    if (summary === undefined) return;
    this.output.tellAtLength({
      at: Date.now(),
      host: this.order.plan.cluster,
      phase: "state",
      text: summary,
    });
  }

  private succeed(now: number): void {
    this.tell("ready", readyText(this.order.plan));
    const seconds = Math.round((now - this.startedAt) / 1000);
    this.end({ code: programCode.done, stdout: timelineJson(this.memory.spans, seconds) });
  }

  private tell(phase: string, text: string): void {
    this.say({ at: Date.now(), host: this.order.plan.cluster, phase, text });
  }

  private say(event: WaitEvent): void {
    this.lastWords = event.at;
    this.output.tell(event);
  }

  private end(ending: Ending): void {
    clearInterval(this.ticker);
    clearTimeout(this.pending);
    this.stop.abort();
    this.resolve(ending);
  }
}

function sideOf<Part extends string>(informer: Informer<Part>, parts: readonly Part[]): Side<Part> {
  const { reached } = informer;
  const trouble = troubleOf(informer);
  return { reached, ...defined({ trouble }), parts: informer.readings(parts) };
}

/** The oldest trouble of any source; a status only where the server refuses, not where it fails. */
function troubleOf<Part extends string>({ slots }: Informer<Part>): Trouble | undefined {
  const troubles = slots.flatMap(({ source, trouble }): readonly Trouble[] => {
    if (trouble === undefined) return [];
    const { why, status = 500 } = trouble.unread;
    const message = `${source.type.plural}: ${why}`;
    return [defined({ since: trouble.since, message, status: status < 500 ? status : undefined })];
  });
  return troubles.sort((a, b) => a.since - b.since)[0];
}
