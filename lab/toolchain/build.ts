import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { type Environment, cachedBinary, readJson } from "./cache";
import { goBuild } from "./go";
import { probeOutput } from "./installed";
import type { Progress } from "./progress";
import { type BuildableTool, toolSpec } from "./tools";

/** Where tools are built from, and to. */
export interface BuildSite {
  readonly environment: Environment;
  /** The folder of the pinned modules. */
  readonly modules: string;
  /** The cache. */
  readonly root: string;
  readonly logs: string;
}

/** A built tool and the seconds that its build took. */
export interface Built {
  readonly name: BuildableTool;
  readonly path: string;
  readonly seconds: number;
}

/** Builds that run at once: while one links, which Go does on one core, another compiles. */
const lanes = Math.min(Math.max(os.availableParallelism(), 1), 3);

/** True when the cached binary is there; it is renamed into place, so that it is never half written. */
export function isBuilt(file: string): boolean {
  return fs.existsSync(file);
}

/** Typical seconds of these builds on 2 cores. */
export function totalSeconds(tools: readonly BuildableTool[]): number {
  return tools.reduce((sum, name) => sum + toolSpec(name).typicalSeconds, 0);
}

/**
 * Builds tools in order, several at once, and reports once a second. The first failure ends the other builds and is
 * thrown; Go's own cache keeps what was compiled, so the next start resumes there.
 */
export async function buildTools(
  names: readonly BuildableTool[],
  site: BuildSite,
  progress: Progress,
): Promise<readonly Built[]> {
  const waiting = [...names];
  const running: BuildableTool[] = [];
  const built: Built[] = [];
  const pace = new Pace(totalSeconds(names));
  const report = () =>
    progress({
      kind: "building",
      tools: [...running],
      done: built.length,
      all: names.length,
      ...pace.now(),
    });
  const failed = new AbortController();
  const failures: unknown[] = [];
  // Two builds of one module would compile the same packages at the same time: Go locks none of them.
  const next = () => {
    const busy = new Set(running.map((name) => toolSpec(name).module));
    const index = waiting.findIndex((name) => !busy.has(toolSpec(name).module));
    return waiting.splice(Math.max(index, 0), 1)[0];
  };
  const lane = async () => {
    for (let name = next(); name !== undefined && failures.length === 0; name = next()) {
      running.push(name);
      report();
      const done = await buildTool(name, site, failed.signal);
      running.splice(running.indexOf(name), 1);
      built.push(done);
      pace.built(toolSpec(name).typicalSeconds);
    }
  };
  const timer = setInterval(report, 1000);
  try {
    const ends = Array.from({ length: lanes }, () =>
      lane().catch((error: unknown) => {
        failures.push(error);
        failed.abort();
      }),
    );
    await Promise.all(ends);
  } finally {
    clearInterval(timer);
  }
  if (failures.length > 0) throw failures[0];
  progress({ kind: "built", all: names.length, seconds: pace.now().elapsed });
  return built;
}

/** Builds one tool under a temporary name, checks the version that it reports, and renames it into the cache. */
async function buildTool(name: BuildableTool, site: BuildSite, signal: AbortSignal): Promise<Built> {
  const spec = toolSpec(name);
  const file = cachedBinary(site.root, name, spec, site.modules);
  const temporary = path.join(path.dirname(file), `.${name}.tmp-${process.pid}`);
  removeInterrupted(path.dirname(file));
  const started = Date.now();
  await goBuild(spec, temporary, path.join(site.logs, `${name}.log`), site.modules, site.environment, signal);
  const probe = spec.installed?.probe;
  if (
    Array.isArray(probe) &&
    !probeOutput(temporary, probe, site.environment).includes(spec.version.slice(1))
  ) {
    throw new Error(`${name} was built but does not report version ${spec.version}: ${temporary}`);
  }
  fs.renameSync(temporary, file);
  return { name, path: file, seconds: (Date.now() - started) / 1000 };
}

/** Scales the typical seconds of what remains by this machine's speed so far. */
class Pace {
  private readonly started = Date.now();
  private typicalDone = 0;
  private secondsDone = 0;

  constructor(private readonly typicalTotal: number) {}

  built(typicalSeconds: number): void {
    this.typicalDone += typicalSeconds;
    this.secondsDone = this.elapsed;
  }

  now(): { readonly elapsed: number; readonly remaining: number } {
    const factor = this.typicalDone > 0 ? this.secondsDone / this.typicalDone : 1;
    const sinceLast = this.elapsed - this.secondsDone;
    const remaining = (this.typicalTotal - this.typicalDone) * factor - sinceLast;
    return { elapsed: this.elapsed, remaining: Math.max(remaining, 1) };
  }

  private get elapsed(): number {
    return (Date.now() - this.started) / 1000;
  }
}

/** The build lock is held, so every temporary file is from an interrupted build. */
function removeInterrupted(folder: string): void {
  fs.mkdirSync(folder, { recursive: true });
  for (const entry of fs.readdirSync(folder)) {
    if (entry.includes(".tmp-")) fs.rmSync(path.join(folder, entry), { force: true });
  }
}

/** Puts our language host in the folder of our engine, where it is found as bundled: from `PATH` the engine warns about it. */
export function linkLanguageHost(
  engine: { readonly path: string; readonly from: string } | undefined,
  host: { readonly path: string; readonly from: string } | undefined,
): void {
  if (engine === undefined || host === undefined || !["cache", "built"].includes(engine.from)) return;
  const link = path.join(path.dirname(engine.path), path.basename(host.path));
  if (fs.existsSync(link)) return;
  fs.rmSync(link, { force: true });
  fs.symlinkSync(host.path, link);
}

interface Holder {
  readonly pid: number;
  readonly started: string;
}

/** How often a process that waits for another build checks again. */
const retryMs = 500;

/**
 * Holds the one build lock of a cache while `work` runs. A holder that no longer lives is taken over. The lock only
 * saves double work: binaries are renamed into place, so that even two builders at once could not spoil one.
 */
export async function withBuildLock<T>(
  root: string,
  onWait: (pid: number) => void,
  work: () => Promise<T>,
): Promise<T> {
  fs.mkdirSync(root, { recursive: true });
  const file = path.join(root, "build.lock");
  const own = JSON.stringify({ pid: process.pid, started: startOf(process.pid) });
  while (!take(file, own)) {
    const holder = holderOf(file);
    if (holder === undefined || !lives(holder)) fs.rmSync(file, { force: true });
    else {
      onWait(holder.pid);
      await new Promise((resolve) => setTimeout(resolve, retryMs));
    }
  }
  try {
    return await work();
  } finally {
    if (fs.existsSync(file) && fs.readFileSync(file, "utf8") === own) fs.rmSync(file, { force: true });
  }
}

/** Creates the lock with its content in one step, so that no process reads an empty one. */
function take(file: string, content: string): boolean {
  const temporary = `${file}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  fs.writeFileSync(temporary, content);
  try {
    fs.linkSync(temporary, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    fs.rmSync(temporary, { force: true });
  }
}

function holderOf(file: string): Holder | undefined {
  const content = readJson(file);
  if (typeof content !== "object" || content === null || !("pid" in content) || !("started" in content)) {
    return undefined;
  }
  const { pid, started } = content;
  return typeof pid === "number" && typeof started === "string" ? { pid, started } : undefined;
}

function lives(holder: Holder): boolean {
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
  }
  return startOf(holder.pid) === holder.started;
}

/** The process's start time in clock ticks: a process id is reused, the pair is not. Empty where /proc has none. */
function startOf(pid: number): string {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch (error) {
    if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) return "";
    throw error;
  }
}
