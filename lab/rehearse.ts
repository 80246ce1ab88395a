import os from "node:os";
import path from "node:path";
import { NamespaceRefused, enterNamespace, isInside } from "./namespace/enter";
import { describePlugins, installRealPlugins, providerPlugins } from "./plugins";
import { rehearseInside } from "./rehearsal/inside";
import { LAB_TOOLS } from "./rehearsal/lab-run";
import { type RehearsalOptions, readOptions } from "./rehearsal/options";
import { announce, runningRehearsals, withdraw } from "./rehearsal/running";
import { readStackFile, rehearsalDirectory } from "./rehearsal/workspace";
import { ensureTools, showProgress } from "./toolchain";

const COULD_NOT_RUN = 2;

/** Outside the namespace: everything that needs the network or takes long, then the rehearsal within. */
async function outside(options: RehearsalOptions): Promise<number> {
  readStackFile(options.stack);
  const other = runningRehearsals().find((each) => each.stack === options.stack);
  if (other !== undefined) {
    throw new Error(
      `stack ${options.stack} is being rehearsed already: npm run lab -- stop --stack ${options.stack}`,
    );
  }
  const tools = await ensureTools(LAB_TOOLS, showProgress(process.stderr));
  const home = process.env["PULUMI_HOME"] ?? path.join(os.homedir(), ".pulumi");
  const search = () => providerPlugins((process.env["PATH"] ?? "").split(":"), home);
  for (const line of await installRealPlugins(search(), tools.tool("pulumi"), process.env)) {
    process.stderr.write(`${line}\n`);
  }
  process.stderr.write(`${describePlugins(search())}\n`);
  const inside = enterNamespace([...process.execArgv, ...process.argv.slice(1)], process.env);
  // Ctrl-C reaches the inside by itself, through the terminal; it ends in its own order, and we wait.
  process.on("SIGINT", () => inside.stop(30));
  for (const signal of ["SIGTERM", "SIGHUP"] as const) process.on(signal, () => inside.stop(20));
  const known = setInterval(() => {
    if (inside.pid === 0) return;
    clearInterval(known);
    announce({
      stack: options.stack,
      outerPid: process.pid,
      insidePid: inside.pid,
      userNamespace: inside.userNamespace,
      directory: rehearsalDirectory(options.stack),
      startedAt: new Date().toISOString(),
    });
  }, 100);
  try {
    return await inside.exitCode;
  } finally {
    clearInterval(known);
    withdraw(options.stack);
  }
}

async function main(): Promise<number> {
  const options = readOptions(process.argv);
  if (isInside()) return rehearseInside(options);
  try {
    return await outside(options);
  } catch (error) {
    const prefix = error instanceof NamespaceRefused ? "no lab here: " : "";
    process.stderr.write(`error: ${prefix}${(error as Error).message}\n`);
    return COULD_NOT_RUN;
  }
}

void main().then((code) => process.exit(code));
