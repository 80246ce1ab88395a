import fs from "node:fs";
import path from "node:path";
import { buildTools, isBuilt, linkLanguageHost, totalSeconds, withBuildLock } from "./build";
import { type Environment, cacheRoot, cachedBinary, shortHash, writeWhole } from "./cache";
import { fetchFolder, goState, rememberedFolder } from "./go";
import { type Found, type Missing, type Search, MissingToolsError, findInstalled } from "./installed";
import type { Progress } from "./progress";
import {
  type BuildableTool,
  type CiliumVersion,
  type FolderName,
  CILIUM_VERSIONS,
  ciliumCliSpec,
  defaultCiliumVersion,
  folderSpecs,
  rangeText,
  toolSpec,
  toolSpecs,
} from "./tools";
import { shellQuoted } from "../../model/text/wording";

export { MissingToolsError } from "./installed";
export { showProgress, type Progress, type ToolchainEvent } from "./progress";
/** Every program that the lab runs; `cilium` is the Cilium CLI or the shim that simulates it. */
export type ToolName = BuildableTool | "cilium";

/** One line of the table that `npm run tools` prints. */
export interface ToolchainEntry {
  readonly name: string;
  readonly kind: "tool" | "folder";
  readonly version: string;
  /** `PATH`, `KUBEBUILDER_ASSETS`, `cache`, `built`, `fetched` or `shim over helm`. */
  readonly from: string;
  readonly path: string;
  /** Seconds that it took this time. */
  readonly seconds: number;
}

/** Where everything is. All paths are absolute. */
export interface Toolchain {
  readonly entries: readonly ToolchainEntry[];
  /** The tool's path; throws for one that was not wanted. */
  tool(name: ToolName): string;
  /** The data folder's path; throws for one that was not wanted. */
  folder(name: FolderName): string;
  /** Folders to put before `PATH`, so that programs which look tools up by name find these. */
  readonly searchPath: string;
}

/** Names of tools and data folders, or everything there is. */
export type Wanted = "all" | readonly (ToolName | FolderName)[];

/** Where to look; the defaults are this process's environment and the modules in this file's folder. */
export interface ToolchainOptions {
  readonly environment?: Environment;
  readonly modules?: string;
}

/** The names of all tools, in build order, with `cilium` last. */
export const allTools: readonly ToolName[] = [...(Object.keys(toolSpecs) as BuildableTool[]), "cilium"];

/** What "all" stands for: programs of one kind of rehearsal only are built for it. */
export const usualNames: readonly (ToolName | FolderName)[] = [
  ...allTools.filter((name) => name === "cilium" || toolSpec(name).onRequest !== true),
  ...folderSpecs.keys(),
];

interface Places {
  readonly environment: Environment;
  readonly modules: string;
  readonly root: string;
}

/**
 * Finds every wanted tool and data folder, and builds or fetches what is missing. Throws a MissingToolsError where that
 * needs a Go that is not there. When everything is at hand, no process is started.
 */
export async function ensureTools(
  wanted: Wanted,
  progress: Progress,
  options: ToolchainOptions = {},
): Promise<Toolchain> {
  const environment = options.environment ?? process.env;
  const places = { environment, modules: options.modules ?? __dirname, root: cacheRoot(environment) };
  const found = new Map<string, ToolchainEntry>();
  const searches = new Map<string, Search>();
  const names = closure(wanted, places, found, searches);
  const absent = () => lookUp(names, places, found, searches);
  if (absent().length > 0) {
    const go = goState(places.modules, environment);
    if (!go.usable)
      throw new MissingToolsError(
        absent().map((name) => missing(name, places, searches)),
        go.why,
      );
    await withBuildLock(
      places.root,
      (pid) => progress({ kind: "waiting", pid }),
      // the previous holder of the lock may have built it all
      () => prepare(absent(), places, found, progress),
    );
  }
  linkLanguageHost(found.get("pulumi"), found.get("pulumi-language-nodejs"));
  if (names.includes("cilium") && !found.has("cilium")) found.set("cilium", shimEntry(places, found));
  return toolchainOf(names.map((name) => entryOf(found, name)));
}

/** What is wanted, and what that needs: the shim needs Helm and the charts. */
function closure(
  wanted: Wanted,
  places: Places,
  found: Map<string, ToolchainEntry>,
  searches: Map<string, Search>,
): (ToolName | FolderName)[] {
  const requested = wanted === "all" ? usualNames : wanted;
  const needed: (ToolName | FolderName)[] = [];
  if (requested.includes("cilium")) {
    const search = findInstalled("cilium", ciliumCliSpec, places.environment, places.root);
    searches.set("cilium", search);
    if (search.found !== undefined) found.set("cilium", installedEntry("cilium", search.found));
    else needed.push("helm", ...CILIUM_VERSIONS.map((version) => `cilium-chart-${version}` as const));
  }
  const all = new Set([...requested, ...needed]);
  return [...allTools, ...folderSpecs.keys()].filter((name) => all.has(name));
}

/** Looks for everything that has no entry yet; returns the names that are nowhere. */
function lookUp(
  names: readonly (ToolName | FolderName)[],
  places: Places,
  found: Map<string, ToolchainEntry>,
  searches: Map<string, Search>,
): (BuildableTool | FolderName)[] {
  const absent: (BuildableTool | FolderName)[] = [];
  for (const name of names) {
    if (found.has(name) || name === "cilium") continue;
    const entry = isFolder(name) ? folderEntry(name, places) : toolEntry(name, places, searches);
    if (entry === undefined) absent.push(name);
    else found.set(name, entry);
  }
  return absent;
}

function toolEntry(
  name: BuildableTool,
  places: Places,
  searches: Map<string, Search>,
): ToolchainEntry | undefined {
  const spec = toolSpec(name);
  if (spec.installed !== undefined) {
    const search = findInstalled(name, spec.installed, places.environment, places.root);
    searches.set(name, search);
    if (search.found !== undefined) return installedEntry(name, search.found);
  }
  const bundled = name === "pulumi-language-nodejs" ? bundledLanguageHost(places) : undefined;
  if (bundled !== undefined) return installedEntry(name, bundled);
  const file = cachedBinary(places.root, name, spec, places.modules);
  if (!isBuilt(file)) return undefined;
  return { name, kind: "tool", version: spec.version, from: "cache", path: file, seconds: 0 };
}

/** The language host that an installed Pulumi brings along in its own folder: the two belong to one release. */
function bundledLanguageHost({ environment, root }: Places): Found | undefined {
  const engine = findInstalled("pulumi", toolSpecs.pulumi.installed, environment, root).found;
  if (engine === undefined) return undefined;
  const file = path.join(path.dirname(fs.realpathSync(engine.path)), "pulumi-language-nodejs");
  return fs.existsSync(file) ? { ...engine, path: file } : undefined;
}

function installedEntry(name: string, found: Found): ToolchainEntry {
  return { name, kind: "tool", version: `v${found.version}`, from: found.from, path: found.path, seconds: 0 };
}

function folderEntry(name: FolderName, places: Places): ToolchainEntry | undefined {
  const spec = folderSpec(name);
  const folder = rememberedFolder(places.root, name, spec, places.modules);
  if (folder === undefined) return undefined;
  return { name, kind: "folder", version: spec.version, from: "cache", path: folder, seconds: 0 };
}

/** Builds and fetches in table order, and adds an entry for each. */
async function prepare(
  absent: readonly (BuildableTool | FolderName)[],
  places: Places,
  found: Map<string, ToolchainEntry>,
  progress: Progress,
): Promise<void> {
  const { root, modules, environment } = places;
  const tools = absent.filter((name): name is BuildableTool => !isFolder(name));
  const logs = path.join(root, "logs");
  const folders = absent.filter(isFolder);
  progress({ kind: "planned", tools, folders, seconds: totalSeconds(tools), logs });
  for (const name of folders) {
    const started = Date.now();
    const folder = await fetchFolder(root, name, folderSpec(name), modules, environment);
    found.set(name, {
      name,
      kind: "folder",
      version: folderSpec(name).version,
      from: "fetched",
      path: folder,
      seconds: (Date.now() - started) / 1000,
    });
  }
  if (tools.length === 0) return;
  for (const { name, path: file, seconds } of await buildTools(tools, { ...places, logs }, progress)) {
    found.set(name, {
      name,
      kind: "tool",
      version: toolSpec(name).version,
      from: "built",
      path: file,
      seconds,
    });
  }
}

function shimEntry(places: Places, found: ReadonlyMap<string, ToolchainEntry>): ToolchainEntry {
  const charts = new Map<CiliumVersion, string>(
    CILIUM_VERSIONS.map((version) => [version, entryOf(found, `cilium-chart-${version}`).path]),
  );
  const launcher = writeCiliumShim(places.root, places.modules, entryOf(found, "helm").path, charts);
  return {
    name: "cilium",
    kind: "tool",
    version: "v0.19.7",
    from: "shim over helm",
    path: launcher,
    seconds: 0,
  };
}

function missing(
  name: BuildableTool | FolderName,
  places: Places,
  searches: ReadonlyMap<string, Search>,
): Missing {
  if (isFolder(name)) {
    return { name, lookedIn: [path.join(places.root, "folders")] };
  }
  const { installed, ...spec } = toolSpec(name);
  const cached = path.dirname(cachedBinary(places.root, name, spec, places.modules));
  if (installed === undefined) return { name, lookedIn: [cached] };
  const variable = installed.folderVariable;
  const folder = variable === undefined ? undefined : places.environment[variable];
  return {
    name,
    install: `${name} ${rangeText(installed.range)}`,
    lookedIn: [
      ...(variable === undefined ? [] : [`$${variable} (${folder || "not set"})`]),
      "PATH",
      cached,
      ...(searches.get(name)?.rejected ?? []).map(({ path: file, why }) => `${file}, which ${why}`),
    ],
  };
}

function isFolder(name: string): name is FolderName {
  return folderSpecs.has(name as FolderName);
}

function folderSpec(name: FolderName) {
  const spec = folderSpecs.get(name);
  if (spec === undefined) throw new Error(`no data folder is called ${JSON.stringify(name)}`);
  return spec;
}

function entryOf(entries: ReadonlyMap<string, ToolchainEntry>, name: string): ToolchainEntry {
  const entry = entries.get(name);
  if (entry === undefined) {
    throw new Error(
      `${JSON.stringify(name)} was not among the wanted tools: add it to the call of ensureTools`,
    );
  }
  return entry;
}

function toolchainOf(entries: readonly ToolchainEntry[]): Toolchain {
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  const named = ["cilium", "pulumi", "pulumi-language-nodejs", "helm"].flatMap((name) => {
    const entry = byName.get(name);
    return entry === undefined ? [] : [path.dirname(entry.path)];
  });
  return {
    entries,
    tool: (name) => entryOf(byName, name).path,
    folder: (name) => entryOf(byName, name).path,
    searchPath: [...new Set(named)].join(path.delimiter),
  };
}

/** Writes the launcher of the `cilium` shim (cilium-shim/cilium.sh) and the chart folder it reads; returns its path. */
function writeCiliumShim(
  root: string,
  modules: string,
  helm: string,
  charts: ReadonlyMap<CiliumVersion, string>,
): string {
  const script = path.join(modules, "cilium-shim", "cilium.sh");
  const identity = shortHash([script, helm, ...charts.values()].join("\0"));
  const folder = path.join(root, "cilium", `shim-${identity}`);
  const launcher = path.join(folder, "cilium");
  for (const version of CILIUM_VERSIONS) {
    const chart = charts.get(version);
    if (chart !== undefined) linkTo(chart, path.join(folder, "charts", `cilium-${version}`));
  }
  const variables = [
    `METAL_HELM=${shellQuoted(helm)}`,
    `METAL_CILIUM_CHARTS=${shellQuoted(path.join(folder, "charts"))}`,
    `METAL_CILIUM_VERSION=${defaultCiliumVersion}`,
  ];
  const text = `#!/bin/sh\n${variables.join(" \\\n")} \\\nexec /bin/sh ${shellQuoted(script)} "$@"\n`;
  const current = fs.existsSync(launcher) ? fs.readFileSync(launcher, "utf8") : "";
  if (current !== text) writeWhole(launcher, text, 0o755);
  return launcher;
}

function linkTo(target: string, link: string): void {
  if (fs.existsSync(link)) return;
  fs.mkdirSync(path.dirname(link), { recursive: true });
  const temporary = `${link}.tmp-${process.pid}`;
  fs.rmSync(temporary, { force: true });
  fs.symlinkSync(target, temporary);
  fs.renameSync(temporary, link);
}
