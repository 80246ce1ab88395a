import crypto from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import readline from "node:readline";
import { type ChildProcess, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { type ProviderPlugin, linkPlugins } from "../plugins";
import type { Workspace } from "./workspace";

/** One run of the Pulumi engine. */
export interface EngineRun {
  /** Exit code; -1 when a signal ended it. */
  readonly code: number;
  readonly lines: readonly string[];
  /** What of it came on standard output: the whole JSON of `--json`, and nothing else. */
  readonly stdout: readonly string[];
  readonly seconds: number;
}

/** The lines in which a run names a resource that it changes, or would change; each once. */
export function changedLines({ lines }: EngineRun): readonly string[] {
  const changed = lines.filter((line) => /^\s*[+~-]+\s+\S+:\S+ /.test(line)).map((line) => line.trim());
  return [...new Set(changed)];
}

/** A run that goes on: its lines so far, and how to interrupt it. */
export interface RunningEngine {
  readonly lines: readonly string[];
  readonly startedAt: number;
  readonly end: Promise<EngineRun>;
  kill(signal: "SIGINT" | "SIGKILL"): void;
}

/** Where the engine finds what it needs. */
export interface EngineSite {
  readonly workspace: Workspace;
  readonly pulumi: string;
  /** PATH with the lab's tools. */
  readonly searchPath: string;
  /** Of the user who runs updates. */
  readonly kubeconfigFile: string;
  /** Of a user with the rights of a preview; that of updates where there is none. */
  readonly previewKubeconfigFile?: string;
  /** Of a user with the rights of drift detection; that of updates where there is none. */
  readonly refreshKubeconfigFile?: string;
  readonly plugins: readonly ProviderPlugin[];
}

/** The real Pulumi engine on the rehearsal's own state, home and passphrase. */
export class Engine {
  private readonly environment: NodeJS.ProcessEnv;
  private readonly running = new Set<ChildProcess>();
  private readonly logFile: string;

  constructor(
    private readonly site: EngineSite,
    private readonly onLine: (line: string) => void,
    environment?: NodeJS.ProcessEnv,
  ) {
    const { directory } = site.workspace;
    this.logFile = path.join(directory, "engine.log");
    this.environment = environment ?? {
      ...cleanEnvironment(),
      PATH: site.searchPath,
      KUBECONFIG: site.kubeconfigFile,
      // Providers leave copies of kubeconfigs in the temporary folder.
      TMPDIR: path.join(directory, "tmp"),
      PULUMI_HOME: path.join(directory, "pulumi-home"),
      PULUMI_IGNORE_AMBIENT_PLUGINS: "true",
      // Without an attributes file for each state file: an engine that is killed while it writes one leaves an unreadable state.
      PULUMI_BACKEND_URL: `file://${path.join(directory, "state")}?metadata=skip`,
      PULUMI_CONFIG_PASSPHRASE: crypto.randomBytes(12).toString("hex"),
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      PULUMI_SUPPRESS_NEO_LINK: "true",
      PULUMI_SKIP_CONFIRMATIONS: "true",
      PULUMI_DIY_BACKEND_NO_LEGACY_WARNING: "true",
    };
  }

  /** Where it runs. */
  get workspace(): Workspace {
    return this.site.workspace;
  }

  /** The environment of every run, for people who look inside. */
  get env(): Readonly<Record<string, string>> {
    const names = ["PATH", "KUBECONFIG"];
    const own = Object.entries(this.environment).filter(
      ([name]) => name.startsWith("PULUMI_") || names.includes(name),
    );
    return Object.fromEntries(own.map(([name, value]) => [name, value ?? ""]));
  }

  /** The same engine and state as another machine would use them, which has these variables. */
  elsewhere(environment: NodeJS.ProcessEnv): Engine {
    return new Engine(this.site, this.onLine, { ...this.environment, ...environment });
  }

  /** Makes the engine's folders, creates the stack and supplies throw-away values for its secrets. */
  async prepare(): Promise<void> {
    const { directory, stackName, secrets } = this.site.workspace;
    fs.mkdirSync(path.join(directory, "tmp"), { mode: 0o700 });
    linkPlugins(this.site.plugins, path.join(directory, "pulumi-home"));
    await this.succeed(["stack", "init", stackName, "--secrets-provider", "passphrase"]);
    if (secrets.size === 0) return;
    const values = [...secrets].flatMap(([place, value]) => ["--secret", `${place}=${value}`]);
    await this.succeed(["config", "set-all", "--path", "--stack", stackName, ...values]);
  }

  /** Runs `pulumi <args>` on the stack to its end. */
  async run(...args: readonly string[]): Promise<EngineRun> {
    return this.begin(...args).end;
  }

  /** Runs `pulumi preview <args>` as a user with the rights of a preview. */
  async previewOnly(...args: readonly string[]): Promise<EngineRun> {
    return this.previewAs(this.site.previewKubeconfigFile, args);
  }

  /** Searches for drift, `pulumi preview --refresh`, as a user with the rights for it. */
  async driftOnly(): Promise<EngineRun> {
    return this.previewAs(this.site.refreshKubeconfigFile, ["--refresh", "--expect-no-changes"]);
  }

  private async previewAs(kubeconfig: string | undefined, args: readonly string[]): Promise<EngineRun> {
    const { workspace, kubeconfigFile } = this.site;
    const environment = { ...this.environment, KUBECONFIG: kubeconfig ?? kubeconfigFile };
    return this.spawn(["preview", ...args, "--stack", workspace.stackName], this.onLine, environment).end;
  }

  /** Runs `pulumi <args>` on the stack without showing its lines. */
  async query(...args: readonly string[]): Promise<EngineRun> {
    return this.spawn([...args, "--stack", this.site.workspace.stackName], () => undefined).end;
  }

  /** Starts `pulumi <args>` on the stack; lines go to the listener as they come. */
  begin(...args: readonly string[]): RunningEngine {
    return this.spawn([...args, "--stack", this.site.workspace.stackName], this.onLine);
  }

  /** The value of a stack output; undefined when there is none. Secrets are not shown. */
  async output(name: string): Promise<unknown> {
    const { code, lines, stdout } = await this.query("stack", "output", "--json");
    if (code !== 0) throw new Error(`pulumi stack output ended with ${code}: ${lines.slice(-3).join("; ")}`);
    const outputs: unknown = JSON.parse(stdout.join("\n"));
    return (outputs as Record<string, unknown>)[name];
  }

  /** Interrupts what runs, as Ctrl-C would, and waits until it has saved its state. */
  async interrupt(): Promise<void> {
    const ends = [...this.running].map((child) => new Promise((resolve) => child.once("exit", resolve)));
    for (const child of this.running) child.kill("SIGINT");
    await Promise.all(ends);
  }

  private async succeed(args: readonly string[]): Promise<void> {
    const { code, lines } = await this.spawn(args, () => undefined).end;
    if (code !== 0) throw new Error(`pulumi ${args[0]} ${args[1]} ended with ${code}:\n${lines.join("\n")}`);
  }

  private spawn(
    args: readonly string[],
    onLine: (line: string) => void,
    environment = this.environment,
  ): RunningEngine {
    const startedAt = Date.now();
    const child = spawn(
      "setpriv",
      ["--pdeathsig", "KILL", "--", this.site.pulumi, ...args, "--non-interactive", "--color", "never"],
      {
        cwd: this.site.workspace.project,
        env: environment,
        stdio: ["ignore", "pipe", "pipe"],
        detached: true,
      },
    );
    this.running.add(child);
    const lines: string[] = [];
    const stdout: string[] = [];
    const take = (line: string, from: Readable) => {
      lines.push(line);
      if (from === child.stdout) stdout.push(line);
      fs.appendFileSync(this.logFile, `${line}\n`);
      onLine(line);
    };
    fs.appendFileSync(this.logFile, `$ pulumi ${args[0] ?? ""}\n`);
    for (const stream of [child.stdout, child.stderr])
      readline.createInterface({ input: stream }).on("line", (line) => take(line, stream));
    const end = new Promise<EngineRun>((resolve, reject) => {
      child.once("error", reject);
      // A grandchild may hold the pipes open after a SIGKILL: the process's own end counts then.
      child.once("exit", (code, signal) => {
        const finish = () => {
          this.running.delete(child);
          resolve({ code: code ?? -1, lines, stdout, seconds: (Date.now() - startedAt) / 1000 });
        };
        if (signal === "SIGKILL") finish();
        else child.once("close", finish);
      });
    });
    return { lines, startedAt, end, kill: (signal) => void child.kill(signal) };
  }
}

/** Ours, without what would point the engine somewhere else. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const unwanted = /^(PULUMI_|KUBERNETES_SERVICE_|NODE_OPTIONS$|NODE_EXTRA_CA_CERTS$|npm_)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !unwanted.test(name)));
}

/** Sections at the end of the engine's output; their titles begin a line. */
const sections = ["Diagnostics:", "Outputs:", "Resources:", "Duration:"];

/** The row in which the engine shows what a Command prints: resource, operation, elapsed time, text. */
const commandOutput = /^ *\S* +command:local:Command \S+ \w+ \([^)]*\) (.+)$/;

/**
 * Reduces the engine's output to what a person follows: the text that Commands print, warnings and errors, and the counts of
 * changed resources. The line for each step of each resource and the outputs stay in the engine's log.
 */
export function engineProgress(show: (line: string) => void): (line: string) => void {
  let section: string | undefined;
  let shown = new Set<string>();
  return (line) => {
    if (/^(Previewing|Updating|Destroying|Refreshing) /.test(line) || line.startsWith("$ ")) {
      section = undefined;
      shown = new Set();
    }
    const title = sections.find((each) => line.startsWith(each));
    const output = section === undefined ? commandOutput.exec(line)?.[1] : undefined;
    const text = (output ?? line).trim();
    if (title !== undefined) section = title;
    else if (section === "Resources:" && text !== "") show(line);
    // Diagnostics repeat what a Command has printed.
    else if ((output !== undefined || section === "Diagnostics:") && text !== "" && !shown.has(text)) {
      shown.add(text);
      show(line);
    }
  };
}
