import fs from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { field, list, number, text, type KubernetesObject } from "../../model/kubernetes/object";
import { timestamp } from "../simulated/conditions";
import type { Store } from "../simulated/store";
import { containersOf } from "../workload/node-objects";
import { Container } from "./container";
import { imageOfChartContainer, withoutLoaders } from "./chart-containers";
import type { LabNode } from "./node";
import { attachPod, detachPod } from "./pod-network";
import { type ContainerReport, notStarted, type PodReport } from "./pod-status";
import { probeSucceeds, probeTimes } from "./probe";
import { ContainerConfigError, environmentOf, expanded, PodVolumes } from "./volumes";

/** What a pod on a node needs. */
export interface PodOrder {
  readonly pod: KubernetesObject;
  readonly node: LabNode;
  /** Of the workload cluster. */
  readonly store: Store;
  /** Where the output of a container goes. */
  logFile(container: string): string;
  /** Called with the name of a container that the lab does not run, before it is reported as running. */
  absent(container: string): void;
  /** Called with what changed. */
  report(report: PodReport): void;
  readonly hostAddresses: readonly string[];
  /** What runs on a node ends with its power, and nothing is reported any more. */
  nodeHasPower(): boolean;
}

/** A kubelet's back-off between starts of a container that ends: 10 s, doubled up to five minutes. */
const backOff = { first: 10, most: 300 };

/**
 * Runs one pod on its node as a kubelet does: its network, the init containers one after the other, the containers with their
 * probes and their back-off. A container that is not Cilium's own chart's counts as running without a process, and hooks are not
 * run: the chart's only removes rules of another network plugin.
 */
export class RunningPod {
  private readonly reports = new Map<string, ContainerReport>();
  private readonly running = new Set<Container>();
  private readonly stopped = new AbortController();
  private podAddresses: readonly string[];
  private volumes: PodVolumes | undefined;

  constructor(private readonly order: PodOrder) {
    this.podAddresses = this.onHostNetwork ? order.hostAddresses : [];
    for (const container of containersOf(order.pod))
      this.reports.set(text(container, "name") ?? "", notStarted);
  }

  /** Runs until it is stopped; rejects where the lab itself is at fault. */
  async run(): Promise<void> {
    const { pod, node, store } = this.order;
    try {
      if (!this.onHostNetwork)
        await this.patiently(async () => (this.podAddresses = await attachPod(node, pod)));
      await this.patiently(async () => (this.volumes = await PodVolumes.make(node, pod, store)));
      for (const container of list(pod, "spec", "initContainers")) await this.keep(container, true);
      await Promise.all(list(pod, "spec", "containers").map((container) => this.keep(container, false)));
    } catch (error) {
      if (!this.stopped.signal.aborted) throw error;
    }
  }

  /** Ends its containers after their grace period, and its network. */
  async stop(): Promise<void> {
    const { pod, node } = this.order;
    this.stopped.abort();
    const grace = number(pod, "metadata", "deletionGracePeriodSeconds") ?? 30;
    await Promise.all([...this.running].map((container) => container.stop(grace)));
    if (!this.onHostNetwork) await detachPod(node, pod);
  }

  /** Its node has lost power. */
  abandon(): void {
    this.stopped.abort();
  }

  private get onHostNetwork(): boolean {
    return field(this.order.pod, "spec", "hostNetwork") === true;
  }

  /** Repeats what cannot be done yet, with the reason as the state of all containers. */
  private async patiently(work: () => Promise<unknown>): Promise<void> {
    for (;;) {
      try {
        await work();
        return;
      } catch (error) {
        const reason =
          error instanceof ContainerConfigError ? "CreateContainerConfigError" : "ContainerCreating";
        const state = { waiting: { reason, message: (error as Error).message } };
        for (const name of this.reports.keys()) this.reports.set(name, { ...notStarted, state });
        this.publish();
        await this.pause(1);
      }
    }
  }

  /** Starts a container, an init container until it has ended well, any other one without limit. */
  private async keep(container: unknown, isInit: boolean): Promise<void> {
    const name = text(container, "name") ?? "";
    const image = imageOfChartContainer(this.order.pod, container);
    const once = isInit && text(container, "restartPolicy") !== "Always";
    if (image === undefined) {
      this.order.absent(name);
      this.set(name, {
        state: { running: { startedAt: timestamp() } },
        ready: true,
        started: true,
        restarts: 0,
      });
      return;
    }
    let wait = backOff.first;
    for (let restarts = 0; ; restarts++) {
      const startedAt = timestamp();
      const last = this.reports.get(name)?.lastState;
      const before = last === undefined ? {} : { lastState: last };
      this.set(name, { state: { running: { startedAt } }, ...before, ready: false, started: once, restarts });
      const code = await this.runOnce(container, image, once);
      const terminated = {
        exitCode: code,
        reason: code === 0 ? "Completed" : "Error",
        startedAt,
        finishedAt: timestamp(),
        ...(code === 0 ? {} : { message: this.lastWords(container) }),
      };
      if (once && code === 0) {
        this.set(name, { state: { terminated }, ready: true, started: false, restarts });
        return;
      }
      const message = `back-off ${wait}s restarting failed container=${name} pod=${this.order.pod.metadata.name}`;
      const waiting = { waiting: { reason: "CrashLoopBackOff", message } };
      const lastState = { terminated };
      this.set(name, { state: waiting, lastState, ready: false, started: false, restarts: restarts + 1 });
      await this.pause(wait);
      wait = Math.min(2 * wait, backOff.most);
    }
  }

  private async runOnce(container: unknown, image: string, once: boolean): Promise<number> {
    const { pod, node, store } = this.order;
    const name = text(container, "name") ?? "";
    const environment = withoutLoaders(await environmentOf(container, pod, store));
    const words = [...list(container, "command"), ...list(container, "args")];
    const started = Container.start(node, {
      id: `${pod.metadata.uid ?? ""}-${name}`,
      image,
      command: words.map((word) => expanded(String(word), environment)),
      environment,
      mounts: this.volumes?.mountsOf(container) ?? [],
      log: this.order.logFile(name),
    });
    this.running.add(started);
    if (!once) this.watch(container, started);
    const code = await started.exited;
    this.running.delete(started);
    if (!this.order.nodeHasPower()) this.stopped.abort();
    this.stopped.signal.throwIfAborted();
    return code;
  }

  /** Probes a container while it runs: it is ready when it has started and its readiness probe succeeds. */
  private watch(container: unknown, started: Container): void {
    const work = async () => {
      await this.startedUp(container, started);
      await Promise.all([this.readiness(container, started), this.liveness(container, started)]);
    };
    // The pause ends with the pod.
    work().catch(() => undefined);
  }

  private async startedUp(container: unknown, started: Container): Promise<void> {
    const times = probeTimes(container, "startupProbe");
    if (times === undefined) return this.change(container, { started: true });
    await this.pause(times.initialDelay);
    for (let failures = 0; started.runs;) {
      if (await probeSucceeds(this.order.node, container, "startupProbe")) {
        this.change(container, { started: true });
        return;
      }
      if (++failures >= times.failures) return started.stop(30);
      await this.pause(times.period);
    }
  }

  private async readiness(container: unknown, started: Container): Promise<void> {
    const times = probeTimes(container, "readinessProbe");
    if (times === undefined) {
      if (started.runs) this.change(container, { ready: true });
      return;
    }
    await this.pause(times.initialDelay);
    for (
      let failures = 0;
      started.runs;
      await this.pause(this.isReady(container) ? times.period : Math.min(times.period, 2))
    ) {
      const succeeds = await probeSucceeds(this.order.node, container, "readinessProbe");
      if (!started.runs) return;
      failures = succeeds ? 0 : failures + 1;
      if (succeeds) this.change(container, { ready: true });
      else if (failures >= times.failures) this.change(container, { ready: false });
    }
  }

  private async liveness(container: unknown, started: Container): Promise<void> {
    const times = probeTimes(container, "livenessProbe");
    if (times === undefined) return;
    await this.pause(times.initialDelay);
    for (let failures = 0; started.runs; await this.pause(times.period)) {
      const succeeds = await probeSucceeds(this.order.node, container, "livenessProbe");
      failures = succeeds ? 0 : failures + 1;
      if (failures >= times.failures) return started.stop(30);
    }
  }

  private isReady(container: unknown): boolean {
    return this.reports.get(text(container, "name") ?? "")?.ready === true;
  }

  private change(container: unknown, part: Partial<ContainerReport>): void {
    const name = text(container, "name") ?? "";
    const known = this.reports.get(name) ?? notStarted;
    if (Object.entries(part).some(([key, value]) => known[key as keyof ContainerReport] !== value))
      this.set(name, { ...known, ...part });
  }

  private set(name: string, report: ContainerReport): void {
    this.reports.set(name, report);
    this.publish();
  }

  private publish(): void {
    if (this.stopped.signal.aborted) return;
    const { hostAddresses } = this.order;
    this.order.report({ containers: new Map(this.reports), hostAddresses, podAddresses: this.podAddresses });
  }

  /** The end of a container's log, which is its termination message where its policy says so. */
  private lastWords(container: unknown): string {
    if (text(container, "terminationMessagePolicy") !== "FallbackToLogsOnError") return "";
    const lines = fs
      .readFileSync(this.order.logFile(text(container, "name") ?? ""), "utf8")
      .trimEnd()
      .split("\n");
    const words = lines.map((line) => line.split(" ").slice(3).join(" "));
    return words.slice(-80).join("\n").slice(-2048);
  }

  private pause(seconds: number): Promise<void> {
    return sleep(seconds * 1000, undefined, { signal: this.stopped.signal });
  }
}
