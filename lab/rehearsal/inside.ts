import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { PACES } from "../context";
import { faultNamed } from "../faults";
import { prepareLoopback } from "../namespace/addresses";
import { stopSignal } from "../namespace/enter";
import { pathWith, providerPlugins } from "../plugins";
import { ensureTools } from "../toolchain";
import { Engine } from "./engine";
import { LAB_TOOLS, type LabRun, startLab } from "./lab-run";
import { Narrator } from "./narrator";
import type { RehearsalOptions } from "./options";
import {
  destroyAndProve,
  provisionAndVerify,
  type Rehearsal,
  type RehearsalResult,
  StepFailed,
  timelineLines,
} from "./steps";
import { realAndPlayed } from "./tables";
import { Deeds } from "./under-fault";
import { createWorkspace, type Workspace } from "./workspace";
import { workloadKubeconfig } from "./verify";

/** Exit codes of every command of this project. */
const EXIT = { holds: 0, findings: 1, couldNotRun: 2 } as const;

/** The rehearsal itself, inside the namespace. Returns the exit code. */
export async function rehearseInside(options: RehearsalOptions): Promise<number> {
  const stop = stopSignal();
  const write = (line: string) => (options.json ? process.stderr : process.stdout).write(`${line}\n`);
  const narrator = new Narrator(write, !options.json && process.stdout.isTTY);
  const stopped = new Promise<never>((_resolve, reject) =>
    stop.addEventListener("abort", () => reject(new Error("stopped"))),
  );
  stopped.catch(() => undefined);
  let lab: LabRun | undefined;
  let engine: Engine | undefined;
  try {
    const workspace = createWorkspace(options.stack);
    const site = await prepare(workspace, options, narrator);
    lab = site.lab;
    engine = site.rehearsal.engine;
    const kept = { waiting: false };
    const work = rehearse(site.rehearsal, options, narrator, site.played, stopped, kept);
    // Who ends a lab that was only kept for a look has interrupted nothing.
    const interrupted = stopped.catch((error: unknown) =>
      kept.waiting ? work : Promise.reject(error as Error),
    );
    const code = await Promise.race([work, site.lab.failure, site.bootFailed, interrupted]);
    if (code === EXIT.holds) removeData(workspace.directory);
    return code;
  } catch (error) {
    if (stop.aborted) narrator.step("stopping");
    else narrator.fails((error as Error).message);
    await engine?.interrupt();
    return error instanceof StepFailed ? EXIT.findings : EXIT.couldNotRun;
  } finally {
    await lab?.stop();
    if (stop.aborted) narrator.holds("stopped: nothing of the lab is left");
  }
}

/** Brings up everything that the steps need. */
async function prepare(workspace: Workspace, options: RehearsalOptions, narrator: Narrator) {
  const { facts } = workspace.stack;
  prepareLoopback(facts.addresses);
  const tools = await ensureTools(LAB_TOOLS, () => undefined);
  narrator.step(
    `lab: a management cluster, ${facts.hosts.length} servers of ${workspace.stackName}, all on this machine`,
  );
  const deeds = new Deeds();
  const troubles = new Set<string>();
  let failBoot: (error: StepFailed) => void = () => undefined;
  const bootFailed = new Promise<never>((_resolve, reject) => (failBoot = reject));
  bootFailed.catch(() => undefined);
  const lab = await startLab(workspace.directory, tools, facts, PACES[options.pace], (event) => {
    deeds.heard(event);
    // A real machine would stay as it is, and the program would wait for it until its time is over.
    if (event.did === "boot-failed")
      failBoot(new StepFailed(`${event.object}: first boot: ${event.detail ?? ""}`));
    const trouble = `${event.object}: ${event.detail ?? ""}`;
    if (event.did !== "played-trouble" || troubles.has(trouble)) return;
    troubles.add(trouble);
    narrator.relay(`the lab's own trouble, ${trouble}`);
  });
  narrator.holds("management cluster with Cluster API's controllers and webhooks is up");
  const userHome = process.env["PULUMI_HOME"] ?? path.join(os.homedir(), ".pulumi");
  const searchPath = `${tools.searchPath}:${process.env["PATH"] ?? ""}`;
  const plugins = providerPlugins(searchPath.split(":"), userHome);
  const installed = path.join(userHome, "plugins");
  const engine = new Engine(
    {
      workspace,
      pulumi: tools.tool("pulumi"),
      searchPath: pathWith(plugins, searchPath),
      kubeconfigFile: lab.kubeconfigFile,
      ...(fs.existsSync(installed) ? { installedPlugins: installed } : {}),
    },
    (line) => narrator.relay(line),
  );
  writeShellEnvironment(workspace.directory, engine.env);
  await engine.prepare();
  const fault = options.fault === undefined ? {} : { fault: faultNamed(options.fault) };
  const rehearsal: Rehearsal = { engine, lab, facts, narrator, deeds, ...fault };
  return { lab, rehearsal, bootFailed, played: realAndPlayed(tools, plugins) };
}

async function rehearse(
  rehearsal: Rehearsal,
  options: RehearsalOptions,
  narrator: Narrator,
  played: readonly string[],
  stopped: Promise<never>,
  kept: { waiting: boolean },
): Promise<number> {
  const before = rehearsal.lab.context.processes.names;
  let made: RehearsalResult;
  try {
    made = await provisionAndVerify(rehearsal);
  } catch (error) {
    if (!options.keep) throw error;
    narrator.fails((error as Error).message);
    kept.waiting = true;
    await keepRunning(rehearsal, narrator, stopped);
    return EXIT.findings;
  }
  narrator.block(timelineLines(made));
  kept.waiting = options.keep;
  if (options.keep) await keepRunning(rehearsal, narrator, stopped);
  const gone = options.keep ? undefined : await destroyAndProve(rehearsal, before);
  const contradictions = [...made.contradictions, ...(gone?.contradictions ?? [])];
  const statements = made.statements + (gone?.statements ?? 0);
  narrator.block(["", "real and played in this run", ...played.map((line) => `  ${line}`), ""]);
  const verdict = `${statements} statements checked, ${contradictions.length} contradicted`;
  if (contradictions.length === 0) narrator.holds(`rehearsal passed: ${verdict}`);
  else narrator.fails(`rehearsal failed: ${verdict}`);
  if (options.json) {
    const seconds = { ...made.seconds, ...gone?.seconds, all: narrator.elapsed };
    const result = {
      stack: options.stack,
      passed: contradictions.length === 0,
      statements,
      contradictions,
      seconds,
    };
    process.stdout.write(`${JSON.stringify({ ...result, timeline: made.timeline }, undefined, 2)}\n`);
  }
  return contradictions.length === 0 ? EXIT.holds : EXIT.findings;
}

/** Says how to look inside and waits until somebody ends it. */
async function keepRunning(rehearsal: Rehearsal, narrator: Narrator, stopped: Promise<never>): Promise<void> {
  const { directory } = rehearsal.lab.context;
  const files = [rehearsal.lab.kubeconfigFile];
  try {
    const workload = path.join(directory, "workload.kubeconfig");
    const text = await workloadKubeconfig(rehearsal.lab.plane.api, rehearsal.facts);
    fs.writeFileSync(workload, text, { mode: 0o600 });
    files.push(workload);
  } catch (error) {
    narrator.fails(`no workload cluster to look into: ${(error as Error).message}`);
  }
  writeShellEnvironment(directory, { ...rehearsal.engine.env, KUBECONFIG: files.join(":") });
  narrator.block([
    "",
    "the lab keeps running. Look inside from another terminal:",
    `  npm run lab -- shell      a shell in its network, with KUBECONFIG for both clusters`,
    `  npm run lab -- status     what runs`,
    `  npm run lab -- stop       end it (or press Ctrl-C here)`,
    `  logs: ${path.join(directory, "logs")}`,
  ]);
  await stopped.catch(() => undefined);
}

/** What `npm run lab -- shell` sources: the engine's environment, with the kubeconfigs of all clusters there are. */
function writeShellEnvironment(directory: string, environment: Readonly<Record<string, string>>): void {
  const lines = Object.entries(environment).map(([name, value]) => `export ${name}='${value}'\n`);
  fs.writeFileSync(path.join(directory, "shell.env"), lines.join(""), { mode: 0o600 });
}

/** Data of a rehearsal that passed is of no use; its logs and events are. */
function removeData(directory: string): void {
  for (const name of fs.readdirSync(directory)) {
    if (["logs", "engine.log", "events.jsonl"].includes(name)) continue;
    fs.rmSync(path.join(directory, name), { recursive: true, force: true });
  }
}
