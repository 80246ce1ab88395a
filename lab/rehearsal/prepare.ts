import fs from "node:fs";
import path from "node:path";
import { paces } from "../context";
import { faultNamed } from "../faults";
import { prepareLoopback } from "../namespace/network";
import { type ProviderPlugin, providerPlugins } from "../plugins";
import type { LabEvent } from "../processes/event-log";
import { ensureTools, type Toolchain } from "../toolchain";
import { shellQuoted } from "../../model/text/wording";
import { Engine, engineProgress } from "./engine";
import { ciliumMode, ciliumTools } from "./cilium-mode";
import { labTools, type LabRun, startLab } from "./lab-run";
import { type Narrator, realAndSimulated } from "./report";
import type { RehearsalOptions } from "./options";
import { type Rehearsal, StepFailed } from "./steps";
import { plannedRouters } from "./planned-routers";
import { LabEvents } from "./under-fault";
import type { Workspace } from "./workspace";

/** Everything that the steps need. */
export interface Site {
  readonly lab: LabRun;
  /** One per stack, the rehearsed one first. */
  readonly rehearsals: readonly [Rehearsal, ...Rehearsal[]];
  /** Rejects when a machine's first boot fails: the program would wait for it until its time is over. */
  readonly bootFailed: Promise<never>;
  readonly realOrSimulated: readonly string[];
}

/** Brings up the lab for these stacks, and an engine for each. */
export async function prepare(
  workspaces: readonly Workspace[],
  options: RehearsalOptions,
  narrator: Narrator,
): Promise<Site> {
  const stacks = workspaces.map(({ stack }) => stack.facts);
  const [first] = stacks;
  const [workspace] = workspaces;
  if (first === undefined || workspace === undefined) throw new Error("there is no stack to rehearse");
  const other = stacks.find(({ context }) => context !== first.context);
  if (other !== undefined)
    throw new Error(`one lab has one management cluster: "${other.context}" is not "${first.context}"`);
  const cilium = ciliumMode(options);
  // Nodes that are namespaces have their addresses themselves.
  prepareLoopback(cilium.kind === "real" ? [] : stacks.flatMap(({ addresses }) => addresses));
  const tools = await ensureTools([...labTools, ...ciliumTools(cilium)], () => undefined);
  const servers = stacks.reduce((sum, { hosts }) => sum + hosts.length, 0);
  const names = workspaces.map(({ stackName }) => stackName).join(" and ");
  narrator.step(`lab: a management cluster, ${servers} servers of ${names}, all on this machine`);
  const listener = new LabListener(narrator);
  const { directory } = workspace;
  const lab = await startLab(
    directory,
    tools,
    [first, ...stacks.slice(1)],
    plannedRouters(workspaces),
    paces[options.pace],
    cilium,
    (event) => listener.receive(event),
  );
  narrator.holds("management cluster with Cluster API's controllers and webhooks is up");
  for (const { order, software } of lab.routers) {
    narrator.holds(
      `router ${order.name} is up: ${software}, with the configuration that the program generates`,
    );
  }
  if (!options.verbose) {
    narrator.relay(`the engine's full output goes to ${directory}/engine.log (--verbose shows it here)`);
  }
  const searchPath = `${tools.searchPath}:${process.env["PATH"] ?? ""}`;
  const plugins = providerPlugins(tools, process.env);
  const rehearsals = await Promise.all(
    workspaces.map(async (each, index): Promise<Rehearsal> => {
      const own = workspaces.length === 1 ? narrator : narrator.named(each.stackName);
      const engine = await engineFor(each, lab, tools, { plugins, searchPath }, own, options.verbose);
      const underFault =
        index === 0 && options.fault !== undefined ? { fault: faultNamed(options.fault) } : {};
      return { engine, lab, facts: each.stack.facts, narrator: own, events: listener.events, ...underFault };
    }),
  );
  const [rehearsal, ...others] = rehearsals;
  if (rehearsal === undefined) throw new Error("there is no stack to rehearse");
  return {
    lab,
    rehearsals: [rehearsal, ...others],
    bootFailed: listener.bootFailed,
    realOrSimulated: realAndSimulated(tools, plugins, lab.routers, cilium),
  };
}

/** Receives the lab's events: passes them on and prints errors of the lab itself. */
class LabListener {
  readonly events = new LabEvents();
  readonly bootFailed: Promise<never>;
  private readonly printed = new Set<string>();
  private failBoot: (error: StepFailed) => void = () => undefined;

  constructor(private readonly narrator: Narrator) {
    this.bootFailed = new Promise((_resolve, reject) => (this.failBoot = reject));
    this.bootFailed.catch(() => undefined);
  }

  receive(event: LabEvent): void {
    this.events.record(event);
    const words = `${event.object}: ${event.detail ?? ""}`;
    if (event.did === "boot-failed") this.failBoot(new StepFailed(`the first boot failed, ${words}`));
    if (event.did === "arguments-left-out")
      this.narrator.relay(`not rehearsed: the API server's arguments ${event.detail ?? ""}`);
    if (event.did !== "simulation-error" || this.printed.has(words)) return;
    this.printed.add(words);
    this.narrator.relay(`error in the lab: ${words}`);
  }
}

async function engineFor(
  workspace: Workspace,
  lab: LabRun,
  tools: Toolchain,
  found: { readonly plugins: readonly ProviderPlugin[]; readonly searchPath: string },
  narrator: Narrator,
  verbose: boolean,
): Promise<Engine> {
  const users = lab.users.get(workspace.stack.facts.cluster);
  if (users === undefined) throw new Error(`the lab has no users for ${workspace.stack.facts.cluster}`);
  const kubeconfigs = {
    kubeconfigFile: users.operator,
    previewKubeconfigFile: users.preview,
    refreshKubeconfigFile: users.refresh,
  };
  const engine = new Engine(
    { workspace, pulumi: tools.tool("pulumi"), ...kubeconfigs, ...found },
    verbose ? (line) => narrator.relay(line) : engineProgress((line) => narrator.relay(line)),
  );
  writeShellEnvironment(workspace.directory, engine.env);
  await engine.prepare();
  return engine;
}

/** What `npm run lab -- shell` sources: the engine's environment, with the kubeconfigs of all clusters there are. */
export function writeShellEnvironment(
  directory: string,
  environment: Readonly<Record<string, string>>,
): void {
  const lines = Object.entries(environment).map(([name, value]) => `export ${name}=${shellQuoted(value)}\n`);
  fs.writeFileSync(path.join(directory, "shell.env"), lines.join(""), { mode: 0o600 });
}
