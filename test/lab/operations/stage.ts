import { execFileSync, spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Document, parseDocument } from "yaml";
import { addLoopbackAddress, removeLoopbackAddress } from "../../../lab/namespace/network";
import type { Engine, EngineRun, RunningEngine } from "../../../lab/rehearsal/engine";
import type { LabRun } from "../../../lab/rehearsal/lab-run";
import { destroyAndProve, type Rehearsal } from "../../../lab/rehearsal/steps";
import { verify, workloadKubeconfig } from "../../../lab/rehearsal/verify";
import type { Workspace } from "../../../lab/rehearsal/workspace";
import type { LabEvent } from "../../../lab/processes/event-log";
import { KubernetesApi } from "../../../ops/kubernetes/api";
import { resources } from "../../../model/kubernetes/resources";
import { type Preview, readPreview } from "./preview";

/** How one command line of ours ended. */
export interface CommandRun {
  /** Exit code; -1 when a signal ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface RunningCommand {
  readonly end: Promise<CommandRun>;
  kill(signal: NodeJS.Signals): void;
}

const UP = ["up", "--yes", "--skip-preview", "--suppress-outputs"];
const DESTROY = ["destroy", "--yes", "--skip-preview"];

/** A running cluster of the lab, and everything that a person who operates it has in hand. */
export class OperationsStage {
  private opened: { readonly kubeconfig: string; readonly api: KubernetesApi } | undefined;
  private readonly processesBefore: readonly string[];

  constructor(
    private readonly rehearsal: Rehearsal,
    private readonly workspace: Workspace,
  ) {
    this.processesBefore = this.lab.context.processes.names;
  }

  get lab(): LabRun {
    return this.rehearsal.lab;
  }

  /** The management cluster, with full rights. */
  get management(): KubernetesApi {
    return this.lab.plane.api;
  }

  /** Where a scenario may leave files; goes when all is well. */
  get directory(): string {
    return this.workspace.directory;
  }

  get namespace(): string {
    return this.rehearsal.facts.namespace;
  }

  get cluster(): string {
    return this.rehearsal.facts.cluster;
  }

  /** The workload cluster, with the kubeconfig that Cluster API keeps. */
  async workload(): Promise<KubernetesApi> {
    const kubeconfig = await workloadKubeconfig(this.management, this.rehearsal.facts);
    if (this.opened?.kubeconfig !== kubeconfig) {
      this.opened?.api.close();
      this.opened = { kubeconfig, api: await KubernetesApi.open(kubeconfig) };
    }
    return this.opened.api;
  }

  /** Holds the cluster's health checks, which replace a machine whose node is gone at once, or lets them go on. */
  async pauseHealthChecks(paused: boolean): Promise<void> {
    const annotations = { "cluster.x-k8s.io/paused": paused ? "" : null };
    const { items } = await this.management.list(resources.MachineHealthCheck, this.namespace);
    for (const { metadata } of items) {
      const patch = { metadata: { annotations } };
      await this.management.mergePatch(resources.MachineHealthCheck, metadata.name, this.namespace, patch);
    }
  }

  /** Changes the stack file as a person with an editor would; secrets stay. */
  edit(change: (file: Document) => void): void {
    const file = path.join(this.workspace.project, `Pulumi.${this.workspace.stackName}.yaml`);
    const document = parseDocument(fs.readFileSync(file, "utf8"));
    change(document);
    fs.writeFileSync(file, document.toString());
  }

  /** Commits the stack file, in a repository of the project's own. */
  commit(): void {
    const who = ["-c", "user.name=lab", "-c", "user.email=lab@example.com", "-c", "commit.gpgsign=false"];
    const git = (...args: readonly string[]) =>
      execFileSync("git", [...who, ...args], { cwd: this.workspace.project, stdio: "pipe" });
    git("init", "--quiet");
    git("add", "--force", "Pulumi.yaml", `Pulumi.${this.workspace.stackName}.yaml`);
    git("commit", "--quiet", "--allow-empty", "--message", "as it runs");
  }

  /** Sets one value of the stack file, such as `set(["metal:workers", 0, "replicas"], 2)`; undefined takes it out. */
  set(place: readonly (string | number)[], value: unknown): void {
    this.edit((file) => {
      if (value === undefined) file.deleteIn(["config", ...place]);
      else file.setIn(["config", ...place], file.createNode(value));
    });
  }

  /** `pulumi up`, which must succeed. */
  up(...args: readonly string[]): Promise<EngineRun> {
    return this.succeeds(...UP, ...args);
  }

  /** `pulumi up` with its preview, which must fail and say all of these words. */
  async upFails(...words: readonly RegExp[]): Promise<EngineRun> {
    const run = await this.rehearsal.engine.run("up", "--yes", "--suppress-outputs");
    if (run.code === 0) throw new Error("pulumi up succeeded");
    const said = run.lines.join("\n");
    for (const word of words)
      if (!word.test(said)) throw new Error(`pulumi up did not say ${word.source}:\n${said.slice(-4000)}`);
    return run;
  }

  /** Kills the engine in the middle of a `pulumi up`, as soon as `moment` resolves, and takes its lock away. */
  killDuringUp(moment: () => Promise<void>, ...args: readonly string[]): Promise<void> {
    return this.killDuring(this.rehearsal.engine.begin(...UP, ...args), moment);
  }

  /** The same in the middle of a `pulumi destroy`. */
  killDuringDestroy(moment: () => Promise<void>): Promise<void> {
    return this.killDuring(this.rehearsal.engine.begin(...DESTROY), moment);
  }

  private async killDuring(running: RunningEngine, moment: () => Promise<void>): Promise<void> {
    const ended = running.end.then(() => Promise.reject(new Error("the engine ended before it was killed")));
    try {
      await Promise.race([moment(), ended]);
    } finally {
      ended.catch(() => undefined);
      running.kill("SIGKILL");
      await running.end;
      await this.succeeds("cancel", "--yes");
    }
  }

  /** What `pulumi preview` says would change; it must succeed. */
  preview(...args: readonly string[]): Promise<Preview> {
    return this.previewBy(this.rehearsal.engine, args);
  }

  /** The same from another machine: another home, and a $KUBECONFIG of several files. */
  async previewElsewhere(...args: readonly string[]): Promise<Preview> {
    const home = fs.mkdtempSync(path.join(this.directory, "home-"));
    const other = path.join(home, "other");
    const kubeconfig = path.join(home, "lab");
    fs.writeFileSync(other, JSON.stringify({ contexts: [{ name: "elsewhere", context: {} }] }));
    fs.copyFileSync(this.lab.kubeconfigFile, kubeconfig);
    const KUBECONFIG = [path.join(home, "missing"), other, kubeconfig].join(path.delimiter);
    return this.previewBy(this.rehearsal.engine.elsewhere({ HOME: home, KUBECONFIG }), args);
  }

  private async previewBy(engine: Engine, args: readonly string[]): Promise<Preview> {
    const run = await engine.query("preview", "--json", ...args);
    const read = readPreview(run.stdout.join("\n"));
    if (run.code === 0) return read;
    const changes = read.changes.map(({ op, name, paths }) => `${op} ${name}: ${paths.join(", ")}`);
    const why = [...read.said, ...changes].join("\n");
    throw new Error(`pulumi preview ${args.join(" ")} ended with ${run.code}:\n${why}`);
  }

  /** Nothing would change, and neither would it after the state was compared with both clusters. */
  async settled(): Promise<void> {
    await this.preview("--expect-no-changes");
    await this.preview("--expect-no-changes", "--refresh");
  }

  /** Does something while nobody reaches the workload cluster's endpoint. */
  async withoutEndpoint<T>(work: () => Promise<T>): Promise<T> {
    const { host } = this.rehearsal.facts.endpoint;
    removeLoopbackAddress(host);
    try {
      return await work();
    } finally {
      addLoopbackAddress(host);
    }
  }

  /** What `pulumi refresh` finds to differ between the state and the clusters; the state takes it over. */
  async refresh(): Promise<readonly string[]> {
    const run = await this.succeeds("refresh", "--yes", "--skip-preview", "--suppress-outputs");
    return run.lines.filter((line) => /^\s*[~-]\s+\S+:\S+ /.test(line)).map((line) => line.trim());
  }

  /** Any other command of the engine, which must succeed. */
  async succeeds(...args: readonly string[]): Promise<EngineRun> {
    const run = await this.rehearsal.engine.run(...args);
    if (run.code !== 0) {
      throw new Error(`pulumi ${args[0] ?? ""} ended with ${run.code}:\n${run.lines.slice(-40).join("\n")}`);
    }
    return run;
  }

  /** `npm run metal -- ARGS` in the project, in the lab's network. */
  metal(...args: readonly string[]): Promise<CommandRun> {
    return this.beginMetal(args, () => undefined).end;
  }

  /** The same, ended by a signal as soon as it says these words; it must not end before. */
  async metalInterrupted(signal: "SIGINT" | "SIGKILL", at: RegExp, ...args: string[]): Promise<CommandRun> {
    let interrupted = false;
    const running = this.beginMetal(args, (said) => {
      if (interrupted || !at.test(said)) return;
      interrupted = true;
      running.kill(signal);
    });
    const run = await running.end;
    if (!interrupted) throw new Error(`it ended before it said ${at.source}: ${run.stdout}${run.stderr}`);
    return run;
  }

  private beginMetal(args: readonly string[], heard: (said: string) => void): RunningCommand {
    const env = { ...this.rehearsal.engine.env, HOME: process.env["HOME"] ?? "/", NO_COLOR: "1" };
    const child = spawn("npm", ["run", "--silent", "metal", "--", ...args], {
      cwd: this.workspace.project,
      env,
      stdio: ["ignore", "pipe", "pipe"],
      // A group of its own, which a signal reaches as a whole: so does Ctrl-C on a terminal.
      detached: true,
    });
    const kill = (signal: NodeJS.Signals) => void process.kill(-(child.pid ?? 0), signal);
    const limit = setTimeout(() => kill("SIGKILL"), 600_000);
    const said = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (chunk: string) => {
        said[name] += chunk;
        heard(said.stdout + said.stderr);
      });
    }
    const end = new Promise<CommandRun>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code) => {
        clearTimeout(limit);
        resolve({ code: code ?? -1, ...said });
      });
    });
    return { kill, end };
  }

  /** Every server of the cluster dies at once, and its API with them; nobody has told Metal3. */
  async killWorkload(): Promise<void> {
    const { processes } = this.lab.context;
    const own = processes.names.filter((name) => name.startsWith(`workload-${this.cluster}-`));
    if (own.length === 0) throw new Error(`no process of ${this.cluster} runs`);
    for (const name of own.toReversed()) await processes.kill(name);
  }

  /** Everything that must hold on a healthy cluster, asked from both clusters and the routers; throws what does not. */
  async holds(): Promise<void> {
    const verdicts = await verify(this.lab, this.rehearsal.facts);
    none(verdicts.flatMap(({ statement, against }) => against.map((each) => `${statement}: ${each}`)));
  }

  /** What the lab has done so far: events of machines, nodes, pods and sessions. */
  get events(): readonly LabEvent[] {
    return jsonLines<LabEvent>(path.join(this.lab.context.directory, "events.jsonl"));
  }

  /** What the waiting programs have told since then, in full. */
  told(at: number): readonly string[] {
    const file = path.join(this.workspace.project, ".metal", "events", `${this.workspace.stackName}.jsonl`);
    return jsonLines<{ readonly time: string; readonly text: string }>(file).flatMap(({ time, text }) =>
      Date.parse(time) > at ? [text] : [],
    );
  }

  /** Nodes whose sessions went down since then, by the lab's own speakers. */
  lostSince(at: number): readonly string[] {
    return this.events
      .filter((event) => event.did === "bgp-lost" && event.at > at)
      .map(({ object }) => object);
  }

  /** Destroys the stack; throws what is left. */
  async destroy(): Promise<void> {
    this.opened?.api.close();
    this.opened = undefined;
    none((await destroyAndProve(this.rehearsal, this.processesBefore)).contradictions);
  }
}

/** Waits until something is so; `what` is the sentence of the failure. */
export async function until(what: string, seconds: number, is: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (!(await is())) {
    if (Date.now() > deadline) throw new Error(`${what}: not within ${seconds} s`);
    await sleep(200);
  }
}

function jsonLines<Line>(file: string): readonly Line[] {
  const lines = fs.readFileSync(file, "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Line);
}

function none(contradictions: readonly string[]): void {
  if (contradictions.length > 0) throw new Error(contradictions.join("\n"));
}
