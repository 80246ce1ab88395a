import { execFile, execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Document, parseDocument } from "yaml";
import { addLoopbackAddress, removeLoopbackAddress } from "../../../lab/namespace/addresses";
import type { EngineRun, RunningEngine } from "../../../lab/rehearsal/engine";
import type { LabRun } from "../../../lab/rehearsal/lab-run";
import { destroyAndProve, type Rehearsal } from "../../../lab/rehearsal/steps";
import { verify, workloadKubeconfig } from "../../../lab/rehearsal/verify";
import type { Workspace } from "../../../lab/rehearsal/workspace";
import type { LabEvent } from "../../../lab/processes/event-log";
import { KubernetesApi } from "../../../ops/kubernetes/api";
import { type Preview, readPreview } from "./preview";

/** How one command line of ours ended. */
export interface CommandRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const UP = ["up", "--yes", "--skip-preview", "--suppress-outputs"];

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

  /** Begins `pulumi up`, for whoever wants to see or interrupt it. */
  begin(): RunningEngine {
    return this.rehearsal.engine.begin(...UP);
  }

  /** Kills the engine in the middle of a `pulumi up`, as soon as `moment` resolves, and takes its lock away. */
  async killDuringUp(moment: () => Promise<void>): Promise<void> {
    const running = this.begin();
    const first = await Promise.race([moment().then(() => "moment"), running.end.then(() => "end")]);
    if (first === "end") throw new Error("pulumi up had ended before it could be killed");
    running.kill("SIGKILL");
    await running.end;
    await this.succeeds("cancel", "--yes");
  }

  /** What `pulumi preview` says would change; it must succeed. */
  async preview(): Promise<Preview> {
    const run = await this.rehearsal.engine.ask("preview", "--json");
    const read = readPreview(run.stdout.join("\n"));
    if (run.code !== 0) throw new Error(`pulumi preview ended with ${run.code}: ${read.said.join("\n")}`);
    return read;
  }

  /** Nothing would change, and neither would it after the state was compared with both clusters. */
  async settled(): Promise<void> {
    await this.succeeds("preview", "--expect-no-changes", "--diff");
    await this.succeeds("preview", "--expect-no-changes", "--diff", "--refresh");
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
    const env = { ...this.rehearsal.engine.env, HOME: process.env["HOME"] ?? "/", NO_COLOR: "1" };
    const options = { cwd: this.workspace.project, env, maxBuffer: 64e6, timeout: 600_000 };
    return new Promise((resolve) =>
      execFile("npm", ["run", "--silent", "metal", "--", ...args], options, (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
        resolve({ code, stdout, stderr });
      }),
    );
  }

  /** Everything that must hold on a healthy cluster, asked from both clusters and the routers; throws what does not. */
  async holds(): Promise<void> {
    const verdicts = await verify(this.lab, this.rehearsal.facts);
    none(verdicts.flatMap(({ statement, against }) => against.map((each) => `${statement}: ${each}`)));
  }

  /** What the lab has done so far: events of machines, nodes, pods and sessions. */
  get events(): readonly LabEvent[] {
    const file = path.join(this.workspace.directory, "events.jsonl");
    const lines = fs.readFileSync(file, "utf8").split("\n");
    return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as LabEvent);
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

function none(contradictions: readonly string[]): void {
  if (contradictions.length > 0) throw new Error(contradictions.join("\n"));
}
