import fs from "node:fs";
import path from "node:path";
import { faultNamed } from "../faults";
import { stopSignal } from "../namespace/enter";
import {
  type Rehearsal,
  type RehearsalResult,
  StepFailed,
  addAndRemoveSecondStack,
  destroyAndProve,
  provisionAndVerify,
  timelineLines,
} from "./steps";
import { Narrator } from "./report";
import { faultUnderTraffic, upgradeCilium } from "./under-traffic";
import type { RehearsalOptions } from "./options";
import { prepare, type Site, writeShellEnvironment } from "./prepare";
import { createWorkspace, projectRoot, removeData } from "./workspace";
import { workloadKubeconfig } from "./verify";
import { exitCodes } from "../../ops/exit-codes";

/** The rehearsal itself, inside the namespace. Returns the exit code. */
export async function rehearseInside(options: RehearsalOptions): Promise<number> {
  const stop = stopSignal();
  const write = (line: string) => (options.json ? process.stderr : process.stdout).write(`${line}\n`);
  const narrator = new Narrator(write, !options.json && process.stdout.isTTY);
  const stopped = new Promise<never>((_resolve, reject) =>
    stop.addEventListener("abort", () => reject(new Error("stopped"))),
  );
  stopped.catch(() => undefined);
  let site: Site | undefined;
  try {
    const fault = options.fault === undefined ? undefined : faultNamed(options.fault);
    const names = [options.stack, ...(options.secondStack === undefined ? [] : [options.secondStack])];
    const from = options.upgradeFrom;
    const earlier = from === undefined ? [] : [{ at: ["metal:cilium", "version"], to: from }];
    const changes = [...(fault?.during === "traffic" ? [] : (fault?.changes ?? [])), ...earlier];
    const workspaces = await Promise.all(names.map((name) => createWorkspace(name, projectRoot, changes)));
    const prepared = await prepare(workspaces, options, narrator);
    site = prepared;
    const kept = { waiting: false };
    const work = rehearse(prepared, options, narrator, stopped, kept);
    // Who ends a lab that was only kept for a look has interrupted nothing.
    const interrupted = stopped.catch((error: unknown) =>
      kept.waiting ? work : Promise.reject(error as Error),
    );
    const code = await Promise.race([work, site.lab.failure, site.bootFailed, interrupted]);
    if (code === exitCodes.holds) for (const { directory } of workspaces) removeData(directory);
    return code;
  } catch (error) {
    if (stop.aborted) narrator.step("stopping");
    else narrator.fails((error as Error).message);
    await Promise.all((site?.rehearsals ?? []).map(({ engine }) => engine.interrupt()));
    return error instanceof StepFailed ? exitCodes.findings : exitCodes.undecided;
  } finally {
    await site?.lab.stop();
    if (stop.aborted) narrator.holds("stopped: nothing of the lab is left");
  }
}

async function rehearse(
  { rehearsals, realOrSimulated }: Site,
  options: RehearsalOptions,
  narrator: Narrator,
  stopped: Promise<never>,
  kept: { waiting: boolean },
): Promise<number> {
  const [rehearsal, second] = rehearsals;
  const before = rehearsal.lab.context.processes.names;
  let made: RehearsalResult;
  try {
    made = await provisionAndVerify(rehearsal);
  } catch (error) {
    if (!options.keep) throw error;
    narrator.fails((error as Error).message);
    kept.waiting = true;
    await keepRunning(rehearsal, narrator, stopped);
    return exitCodes.findings;
  }
  narrator.block(timelineLines(made));
  const upgraded = options.upgradeFrom === undefined ? undefined : await upgradeCilium(rehearsal);
  const { fault } = rehearsal;
  const survived = fault?.during === "traffic" ? await faultUnderTraffic(rehearsal, fault) : undefined;
  kept.waiting = options.keep;
  if (options.keep) await keepRunning(rehearsal, narrator, stopped);
  const coexisting = second === undefined ? undefined : await addAndRemoveSecondStack(rehearsal, second);
  const gone = options.keep ? undefined : await destroyAndProve(rehearsal, before);
  const parts = [made, upgraded, survived, coexisting, gone].filter((part) => part !== undefined);
  const contradictions = parts.flatMap((part) => part.contradictions);
  const statements = parts.reduce((sum, part) => sum + part.statements, 0);
  narrator.block([
    "",
    "real and simulated parts of this run",
    ...realOrSimulated.map((line) => `  ${line}`),
    "",
  ]);
  const verdict = `${statements} statements checked, ${contradictions.length} contradicted`;
  if (contradictions.length === 0) narrator.holds(`rehearsal passed: ${verdict}`);
  else {
    narrator.fails(`rehearsal failed: ${verdict}`);
    narrator.block(contradictions.map((each) => `  ${each}`));
  }
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
  return contradictions.length === 0 ? exitCodes.holds : exitCodes.findings;
}

/** Prints the commands to inspect the lab and waits until it is stopped. */
async function keepRunning(rehearsal: Rehearsal, narrator: Narrator, stopped: Promise<never>): Promise<void> {
  const { directory } = rehearsal.lab.context;
  const files = [rehearsal.lab.kubeconfigFile];
  try {
    const workload = path.join(directory, "workload.kubeconfig");
    const text = await workloadKubeconfig(rehearsal.lab.plane.api, rehearsal.facts);
    fs.writeFileSync(workload, text, { mode: 0o600 });
    files.push(workload);
  } catch (error) {
    narrator.fails(`the workload cluster cannot be inspected: ${(error as Error).message}`);
  }
  writeShellEnvironment(directory, { ...rehearsal.engine.env, KUBECONFIG: files.join(":") });
  narrator.block([
    "",
    "the lab keeps running; inspect it from another terminal:",
    `  npm run lab -- shell      a shell in its network, with KUBECONFIG for both clusters`,
    ...rehearsal.lab.routers.map(
      ({ order, inspectCommand: ask }) => `  npm run lab -- shell ${ask}    queries router ${order.name}`,
    ),
    ...nodeCommands(rehearsal).map((command) => `  npm run lab -- shell ${command}    queries a node`),
    `  npm run lab -- status     what runs`,
    `  npm run lab -- stop       end it (or press Ctrl-C here)`,
    `  logs: ${path.join(directory, "logs")}`,
  ]);
  await stopped.catch(() => undefined);
}

/** Commands that query one node: a simulated speaker of BGP at the node's own address, or the real agent. */
function nodeCommands({ lab, facts }: Rehearsal): string[] {
  const [node] = lab.nodes?.names ?? [];
  if (node !== undefined) return [`--node ${node} cilium-dbg status`];
  const address = facts.addresses.find((each) => each !== facts.endpoint.host);
  if (lab.routers.length === 0 || address === undefined) return [];
  return [`${lab.context.tools.tool("gobgp")} -u ${address} neighbor`];
}
