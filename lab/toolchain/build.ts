import fs from "node:fs";
import path from "node:path";

import { cachedBinary, type Environment } from "./cache";
import { goBuild } from "./go";
import { probeOutput } from "./installed";
import type { Progress } from "./progress";
import { toolSpec, type BuildableTool } from "./tools";

/** How fast this machine has been so far: typical seconds of what is built, and seconds that it really took. */
export interface Pace {
  typical: number;
  taken: number;
}

/** Everything that one build needs besides the tool's name. */
export interface BuildSite {
  readonly environment: Environment;
  readonly modules: string;
  readonly root: string;
  readonly logs: string;
  readonly pace: Pace;
  /** Typical seconds of the tools that follow. */
  readonly after: number;
}

/** True when the cached binary is there; it is renamed into place, so that it is never half written. */
export function isBuilt(file: string): boolean {
  return fs.existsSync(file);
}

/** Typical seconds of these builds on 2 cores. */
export function totalSeconds(tools: readonly BuildableTool[]): number {
  return tools.reduce((sum, name) => sum + toolSpec(name).typicalSeconds, 0);
}

/** Builds one tool under a temporary name, asks it for its version, and renames it into the cache. */
export async function buildTool(
  name: BuildableTool,
  site: BuildSite,
  progress: Progress,
): Promise<{ path: string; seconds: number }> {
  const spec = toolSpec(name);
  const file = cachedBinary(site.root, name, spec, site.modules);
  const temporary = path.join(path.dirname(file), `.${name}.tmp-${process.pid}`);
  removeLeftovers(path.dirname(file));
  const started = Date.now();
  const elapsed = () => (Date.now() - started) / 1000;
  const report = () =>
    progress({
      kind: "building",
      tool: name,
      elapsed: elapsed(),
      remaining: remaining(site, spec.typicalSeconds, elapsed()),
    });
  report();
  const timer = setInterval(report, 1000);
  try {
    await goBuild(spec, temporary, path.join(site.logs, `${name}.log`), site.modules, site.environment);
  } finally {
    clearInterval(timer);
  }
  const probe = spec.installed?.probe;
  if (
    probe !== undefined &&
    !probeOutput(temporary, probe, site.environment).includes(spec.version.slice(1))
  ) {
    throw new Error(`${name} was built but does not say that it is version ${spec.version}: ${temporary}`);
  }
  fs.renameSync(temporary, file);
  const seconds = elapsed();
  site.pace.typical += spec.typicalSeconds;
  site.pace.taken += seconds;
  progress({ kind: "built", tool: name, seconds, remaining: remaining(site, 0, 0) });
  return { path: file, seconds };
}

// what remains is scaled by this machine's pace; a build that overruns its estimate counts as nearly done
function remaining(site: BuildSite, typical: number, elapsed: number): number {
  const { pace, after } = site;
  const factor = pace.typical > 0 ? pace.taken / pace.typical : 1;
  return Math.max(typical * factor - elapsed, typical > 0 ? 1 : 0) + after * factor;
}

/** The build lock is held: nobody else writes here, so that every temporary file is from an interrupted build. */
function removeLeftovers(folder: string): void {
  fs.mkdirSync(folder, { recursive: true });
  for (const entry of fs.readdirSync(folder)) {
    if (entry.includes(".tmp-")) fs.rmSync(path.join(folder, entry), { force: true });
  }
}

/** Puts our language host beside our engine, where it is found as bundled: from `PATH` the engine warns about it. */
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
