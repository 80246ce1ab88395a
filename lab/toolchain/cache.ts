import crypto from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { type BuildableTool, type ToolSpec, toolSpecs, toolSpec } from "./tools";
import { counted } from "../../model/text/wording";

/** Environment variables as a process sees them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Where built tools and remembered answers live: `$XDG_CACHE_HOME/metal/tools`, else `~/.cache/metal/tools`. */
export function cacheRoot(environment: Environment): string {
  const base = environment["XDG_CACHE_HOME"];
  const home = environment["HOME"] ?? os.homedir();
  // the XDG specification ignores a relative path
  const cache = base !== undefined && path.isAbsolute(base) ? base : path.join(home, ".cache");
  return path.join(cache, "metal", "tools");
}

/** The cached binary's path: it changes with everything that decides the binary's bytes, except the Go release. */
export function cachedBinary(root: string, name: string, spec: ToolSpec, modules: string): string {
  const folder = path.join(modules, spec.module);
  const sources = fs.readdirSync(folder).filter((file) => file.endsWith(".go"));
  const inputs = [
    ...["go.mod", "go.sum", ...sources.sort()].map((file) =>
      fs.readFileSync(path.join(folder, file), "utf8"),
    ),
    spec.package,
    spec.ldflags,
    ...(spec.tags === undefined ? [] : [spec.tags]),
  ];
  return path.join(root, name, `${spec.version}-${shortHash(inputs.join("\0"))}`, name);
}

/** Twelve hex digits of the text's SHA-256. */
export function shortHash(text: string): string {
  return crypto.createHash("sha256").update(text).digest("hex").slice(0, 12);
}

/** Writes a whole file under a temporary name and renames it, so that no reader ever sees half of it. */
export function writeWhole(file: string, text: string, mode = 0o644): void {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const temporary = `${file}.tmp-${process.pid}`;
  fs.writeFileSync(temporary, text, { mode });
  fs.renameSync(temporary, file);
}

/** The parsed JSON of a file, or undefined where the file is missing or was damaged. */
export function readJson(file: string): unknown {
  try {
    return JSON.parse(fs.readFileSync(file, "utf8"));
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** A built version that this checkout no longer uses; another checkout may. */
export interface StaleBuild {
  readonly folder: string;
  readonly bytes: number;
}

/** Folders of older (or newer) builds in the tool cache. Reads the file system only. */
export function staleBuilds(root: string, modules: string): readonly StaleBuild[] {
  return (Object.keys(toolSpecs) as BuildableTool[]).flatMap((name) => {
    const current = path.dirname(cachedBinary(root, name, toolSpec(name), modules));
    return subfolders(path.join(root, name))
      .filter((folder) => folder !== current)
      .map((folder) => ({ folder, bytes: sizeOf(folder) }));
  });
}

/** Removes them; a checkout that still needs one builds it again. */
export function removeBuilds(builds: readonly StaleBuild[]): void {
  for (const { folder } of builds) fs.rmSync(folder, { recursive: true, force: true });
}

/** `3 builds of other versions, 412 MiB`, or undefined when there are none. */
export function staleText(builds: readonly StaleBuild[]): string | undefined {
  if (builds.length === 0) return undefined;
  const bytes = builds.reduce((sum, build) => sum + build.bytes, 0);
  return `${counted(builds.length, "build")} of other versions, ${Math.ceil(bytes / 2 ** 20)} MiB`;
}

function subfolders(folder: string): string[] {
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => path.join(folder, entry.name));
}

function sizeOf(folder: string): number {
  return fs
    .readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + fs.statSync(path.join(folder, entry.name)).size, 0);
}
