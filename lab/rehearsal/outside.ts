import path from "node:path";
import { isError } from "../../model/live/preflight/check-result";
import { shown } from "../../model/redaction/shown";
import { prettyReport } from "../../model/findings/formats";
import { judgeStackFile } from "../../ops/stack/read-stack-file";
import { NamespaceRefused, enterNamespace } from "../namespace/enter";
import { describePlugins, installPlugins, providerPlugins } from "../plugins";
import { ensureTools, showProgress, type Toolchain } from "../toolchain";
import { labTools } from "./lab-run";
import { announce, rehearsalDirectory, runningRehearsals, stackFolder, withdraw } from "./workspace";
import { exitCodes } from "../../ops/exit-codes";

/**
 * Outside the namespace: everything that needs the network or takes long, then this very program again within. Returns the
 * exit code; errors go to standard error.
 */
export async function runInLab(stack: string): Promise<number> {
  try {
    return await enterLab(stack);
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

/** The lab's tools; the provider plugins are installed by the engine where it can, which is faster than building one. */
async function ensureLabTools(): Promise<Toolchain> {
  const progress = showProgress(process.stderr);
  const engine = await ensureTools(["pulumi"], progress);
  for (const line of await installPlugins(engine.tool("pulumi"), process.env)) {
    process.stderr.write(`${shown(line)}\n`);
  }
  return ensureTools(labTools, progress);
}

async function enterLab(stack: string): Promise<number> {
  refuseBadFile(stack);
  if (runningRehearsals().some((each) => each.stack === stack)) {
    throw new Error(`stack ${stack} is being rehearsed already: npm run lab -- stop --stack ${stack}`);
  }
  const tools = await ensureLabTools();
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
