import { type ChildProcess, spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import type { KubernetesObject } from "../../model/kubernetes/object";
import { resources } from "../../model/kubernetes/resources";
import type { WaitOrder } from "../../model/plan/readiness";
import { bundled } from "../program/bundled";
import { clusterPlan, object } from "../readiness/objects";
import { FakeApi } from "./fake-api";

/** The waiting program, where Pulumi's Command starts it. */
export const program = path.join(__dirname, "../../ops/wait/main.ts");

/** Arguments of Node that start a program, with what Pulumi's Command gives them. */
export const asCommand = (file: string): readonly string[] => ["--import", "tsx", file];

/** One run of the program as a child process, with everything it said so far. */
export class RunningWait {
  stdout = "";
  stderr = "";
  readonly exit: Promise<number>;

  constructor(
    readonly child: ChildProcess,
    readonly eventsFile: string,
    order: unknown,
  ) {
    child.stdout?.on("data", (chunk: Buffer) => (this.stdout += chunk.toString()));
    child.stderr?.on("data", (chunk: Buffer) => (this.stderr += chunk.toString()));
    this.exit = new Promise((resolve) => child.on("close", (code) => resolve(code ?? -1)));
    child.stdin?.end(typeof order === "string" ? order : JSON.stringify(order));
  }

  get lines(): readonly string[] {
    return this.stderr.trimEnd().split("\n");
  }

  get lastLine(): string {
    return this.lines.at(-1) ?? "";
  }

  /** All events of the JSON lines file. */
  events(): readonly Record<string, unknown>[] {
    const content = fs.readFileSync(this.eventsFile, "utf8").trimEnd();
    return content.split("\n").map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  /** Waits until the program has said something that matches. */
  async says(pattern: RegExp, seconds = 8): Promise<void> {
    await until(
      () => pattern.test(this.stderr),
      seconds,
      () => `${String(pattern)} in:\n${this.stderr}`,
    );
  }
}

/** Waits until something holds, looking each 10 ms. */
export async function until(holds: () => boolean, seconds: number, what: () => string): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`not within ${seconds} s: ${what()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Two API servers, a folder, and the runs that a test started; all gone after {@link close}. */
export class Stage {
  readonly management = new FakeApi();
  readonly workload = new FakeApi();
  readonly folder = fs.mkdtempSync(path.join(os.tmpdir(), "metal-wait-"));
  private readonly runs: RunningWait[] = [];

  async open(): Promise<this> {
    await this.management.start();
    await this.workload.start();
    fs.writeFileSync(this.kubeconfigFile, this.management.kubeconfig());
    this.management.put(this.kubeconfigSecret());
    return this;
  }

  get kubeconfigFile(): string {
    return path.join(this.folder, "kubeconfig");
  }

  /** Secret `capi-1-kubeconfig` with the workload server's address. */
  kubeconfigSecret(): KubernetesObject {
    const value = Buffer.from(this.workload.kubeconfig()).toString("base64");
    return object(resources.Secret, "capi-1-kubeconfig", { data: { value } });
  }

  order(plan: Partial<WaitOrder["plan"]> = {}, pace: WaitOrder["pace"] = {}): WaitOrder {
    return {
      plan: { ...clusterPlan, ...plan } as WaitOrder["plan"],
      management: { kubeconfigFile: this.kubeconfigFile },
      eventsFile: path.join(this.folder, "runs/deep/events.jsonl"),
      pace: { graceScale: 0.01, ...pace },
    };
  }

  /** Starts the program, by {@link asCommand} or, faster, as a bundle. */
  run(order: WaitOrder | string = this.order(), start = bundled): RunningWait {
    const child = spawn(process.execPath, start(program), { stdio: "pipe" });
    const file = typeof order === "string" ? "" : order.eventsFile;
    const run = new RunningWait(child, file, order);
    this.runs.push(run);
    return run;
  }

  async close(): Promise<void> {
    for (const run of this.runs) run.child.kill("SIGKILL");
    await this.management.stop();
    await this.workload.stop();
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}
