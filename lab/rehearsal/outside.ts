import path from "node:path";
import { isError } from "../../model/live/preflight/check-result";
import { shown } from "../../model/redaction/shown";
import { prettyReport } from "../../model/findings/formats";
import { judgeStackFile } from "../../ops/stack/read-stack-file";
import { NamespaceRefused, enterNamespace } from "../namespace/enter";
import { describePlugins, installPlugins, providerPlugins } from "../plugins";
import { ensureTools, showProgress, type Toolchain } from "../toolchain";
import { missingForAgents } from "../nodes/requirements";
import { installedFrr } from "../router/frr-router";
import { ciliumMode, type CiliumMode, type CiliumOptions, ciliumTools } from "./cilium-mode";
import { labTools } from "./lab-run";
import {
  announce,
  readStackFile,
  rehearsalDirectory,
  runningRehearsals,
  stackFolder,
  withdraw,
} from "./workspace";
import { exitCodes } from "../../ops/exit-codes";

/**
 * Outside the namespace: everything that needs the network or takes long, then this very program again within. Returns the
 * exit code; errors go to standard error.
 */
export async function runInLab(options: CiliumOptions): Promise<number> {
  try {
    return await enterLab(options);
  } catch (error) {
    const prefix = error instanceof NamespaceRefused ? "the lab cannot start: " : "";
    process.stderr.write(`error: ${prefix}${shown((error as Error).message)}\n`);
    return exitCodes.undecided;
  }
}

/** No lab is brought up for a stack file that `pulumi preview` would refuse. */
function refuseBadFile(stack: string): void {
  const judged = judgeStackFile(stackFolder(stack), stack, new Date());
  if (!judged.findings.some(isError)) return;
  throw new Error(`stack ${stack} is refused\n${prettyReport(judged)}`);
}

/** Real agents need more of the machine than the rest of the lab; all that is missing is named at once. */
function refuseMachine(stack: string): void {
  const { hasBgp } = readStackFile(stack).facts;
  const missing = [
    ...missingForAgents(),
    ...(hasBgp && installedFrr() === undefined
      ? ["FRR, which forwards what the routers of the stack learn: apt-get install frr"]
      : []),
  ];
  if (missing.length === 0) return;
  const lines = missing.map((each) => `  ${each}`).join("\n");
  throw new Error(
    `real Cilium cannot run here; missing:\n${lines}\nwithout --cilium real, its agents are simulated`,
  );
}

/** The lab's tools; the provider plugins are installed by the engine where it can, which is faster than building one. */
async function ensureLabTools(cilium: CiliumMode): Promise<Toolchain> {
  const progress = showProgress(process.stderr);
  const engine = await ensureTools(["pulumi"], progress);
  for (const line of await installPlugins(engine.tool("pulumi"), process.env)) {
    process.stderr.write(`${shown(line)}\n`);
  }
  return ensureTools([...labTools, ...ciliumTools(cilium)], progress);
}

async function enterLab(options: CiliumOptions): Promise<number> {
  const { stack, cilium } = options;
  refuseBadFile(stack);
  if (runningRehearsals().some((each) => each.stack === stack)) {
    throw new Error(`stack ${stack} is being rehearsed already: npm run lab -- stop --stack ${stack}`);
  }
  if (cilium === "real") refuseMachine(stack);
  const tools = await ensureLabTools(ciliumMode(options));
  process.stderr.write(`${describePlugins(providerPlugins(tools, process.env))}\n`);
  const inside = enterNamespace([...process.execArgv, ...process.argv.slice(1)], process.env);
  // Ctrl-C reaches the inside by itself, through the terminal; it ends in its own order, and we wait.
  process.on("SIGINT", () => inside.stop(30));
  for (const signal of ["SIGTERM", "SIGHUP"] as const) process.on(signal, () => inside.stop(20));
  const known = setInterval(() => {
    if (inside.pid === 0) return;
    clearInterval(known);
    announce({
      stack,
      program: path.basename(process.argv[1] ?? ""),
      outerPid: process.pid,
      insidePid: inside.pid,
      userNamespace: inside.userNamespace,
      directory: rehearsalDirectory(stack),
      startedAt: new Date().toISOString(),
    });
  }, 100);
  try {
    return await inside.exitCode;
  } finally {
    clearInterval(known);
    withdraw(stack);
  }
}
