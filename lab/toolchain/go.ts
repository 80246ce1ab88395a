import childProcess from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

import { type Environment, readJson, shortHash, writeWhole } from "./cache";
import type { FolderName, FolderSpec, ToolSpec } from "./tools";

/** Whether the `go` command can build the pinned modules; `why` is worded for the message that lists what is missing. */
export type GoState = { readonly usable: true } | { readonly usable: false; readonly why: string };

/** The oldest Go release that the pinned modules accept, as their go.mod files require. */
export const goNeeded = "1.26";

/** Runs `go` inside a pinned module: it refuses (or, if allowed to, fetches a newer release) where it is too old. */
export function goState(modules: string, environment: Environment): GoState {
  const result = childProcess.spawnSync("go", ["env", "GOVERSION"], {
    cwd: path.join(modules, "kubernetes"),
    encoding: "utf8",
    env: goEnvironment(environment),
  });
  if (result.error !== undefined) return { usable: false, why: "`go` is not on PATH" };
  if (result.status === 0) return { usable: true };
  const reason = result.stderr.trim().split("\n").at(-1) ?? "";
  return { usable: false, why: `the \`go\` on PATH refuses: ${JSON.stringify(reason)}` };
}

/**
 * The environment of `go`. A compiler lives for seconds, so it collects garbage only under memory pressure: builds take a
 * quarter less time. `readonly` keeps go.sum decisive: with `-mod=mod` Go would add the missing sums by itself.
 */
function goEnvironment(environment: Environment): Environment {
  const mebibytes = Math.min(1024, Math.floor(os.totalmem() / 2 ** 20 / 16));
  return {
    GOGC: "off",
    GOMEMLIMIT: `${mebibytes}MiB`,
    ...environment,
    CGO_ENABLED: "0",
    GOFLAGS: "-mod=readonly",
    GOWORK: "off",
  };
}

/**
 * Builds one tool to `output` through its pinned module; everything that Go prints goes to the log file, whose last lines
 * are in the error of a build that fails. `signal` ends the build.
 */
export async function goBuild(
  spec: ToolSpec,
  output: string,
  log: string,
  modules: string,
  environment: Environment,
  signal: AbortSignal,
): Promise<void> {
  const args = [
    "build",
    "-v",
    "-trimpath",
    "-buildvcs=false",
    "-ldflags",
    spec.ldflags,
    ...(spec.tags === undefined ? [] : ["-tags", spec.tags]),
    "-o",
    output,
    spec.package,
  ];
  fs.mkdirSync(path.dirname(log), { recursive: true });
  const file = fs.openSync(log, "a");
  try {
    const child = childProcess.spawn("go", args, {
      cwd: path.join(modules, spec.module),
      env: goEnvironment(environment),
      stdio: ["ignore", file, file],
    });
    const end = () => void child.kill("SIGINT");
    signal.addEventListener("abort", end, { once: true });
    if (signal.aborted) end();
    const status = await endOf(child).finally(() => signal.removeEventListener("abort", end));
    if (status !== 0)
      throw new Error(`go build ${spec.package} ended with ${status}\n${lastLines(log)}\n  log: ${log}`);
  } finally {
    fs.closeSync(file);
  }
}

/** Fetches a data module and returns its folder in Go's module cache; its sum must be the committed one. */
async function goModuleFolder(spec: FolderSpec, modules: string, environment: Environment): Promise<string> {
  const at = `${spec.source}@${spec.version}`;
  const cwd = path.join(modules, spec.module);
  const child = childProcess.spawn("go", ["mod", "download", "-json", at], {
    cwd,
    env: goEnvironment(environment),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  let errors = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (errors += chunk));
  const status = await endOf(child);
  if (status !== 0) throw new Error(`go mod download ${at} ended with ${status}\n${errors}${text}`.trimEnd());
  const { Dir, Sum } = JSON.parse(text) as { readonly Dir?: string; readonly Sum?: string };
  // Go checks a recorded sum itself, but takes an unrecorded one from the network's checksum database
  const recorded = fs.readFileSync(path.join(cwd, "go.sum"), "utf8").split("\n");
  if (Dir === undefined || !recorded.includes(`${spec.source} ${spec.version} ${Sum ?? ""}`)) {
    throw new Error(`${at} has the sum ${JSON.stringify(Sum ?? "")}, which ${cwd}/go.sum does not record`);
  }
  return Dir;
}

/** Waits for the child; a signal that ends us ends it first, so that no build goes on unseen. */
function endOf(child: childProcess.ChildProcess): Promise<number | string> {
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  const passOn = (signal: NodeJS.Signals) => {
    child.kill("SIGINT");
    for (const each of signals) process.removeListener(each, passOn);
    process.kill(process.pid, signal);
  };
  for (const each of signals) process.on(each, passOn);
  return new Promise<number | string>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(code ?? signal ?? "no status"));
  }).finally(() => {
    for (const each of signals) process.removeListener(each, passOn);
  });
}

function lastLines(log: string): string {
  const lines = fs.readFileSync(log, "utf8").trimEnd().split("\n").slice(-12);
  return lines.map((line) => `  ${line}`).join("\n");
}

/** The remembered path of a data folder, or undefined where it was never fetched or has gone since. */
export function rememberedFolder(
  root: string,
  name: FolderName,
  spec: FolderSpec,
  modules: string,
): string | undefined {
  const folder = readJson(memoOf(root, name, spec, modules));
  if (typeof folder !== "string") return undefined;
  return fs.existsSync(path.join(folder, spec.proof)) ? folder : undefined;
}

/** Fetches a data folder through Go's module cache and remembers where it is. */
export async function fetchFolder(
  root: string,
  name: FolderName,
  spec: FolderSpec,
  modules: string,
  environment: Environment,
): Promise<string> {
  const folder = path.join(await goModuleFolder(spec, modules, environment), spec.path);
  if (!fs.existsSync(path.join(folder, spec.proof))) {
    throw new Error(`${folder} has no ${spec.proof}: clear it with \`go clean -modcache\` and run again`);
  }
  writeWhole(memoOf(root, name, spec, modules), JSON.stringify(folder));
  return folder;
}

// a changed go.sum names other bytes, so that it must not find the old answer
function memoOf(root: string, name: FolderName, spec: FolderSpec, modules: string): string {
  const sums = fs.readFileSync(path.join(modules, spec.module, "go.sum"), "utf8");
  return path.join(root, "folders", `${name}-${shortHash(`${sums}\0${spec.version}\0${spec.path}`)}.json`);
}
