import fs from "node:fs";
import path from "node:path";

import { cachedBinary } from "./cache";
import { TOOLS, toolSpec, type BuildableTool } from "./tools";

/** A built version that this checkout no longer uses; another checkout may. */
export interface StaleBuild {
  readonly folder: string;
  readonly bytes: number;
}

/** Folders of older (or newer) builds in the tool cache. Asks the file system only. */
export function staleBuilds(root: string, modules: string): readonly StaleBuild[] {
  return (Object.keys(TOOLS) as BuildableTool[]).flatMap((name) => {
    const current = path.dirname(cachedBinary(root, name, toolSpec(name), modules));
    return subfolders(path.join(root, name))
      .filter((folder) => folder !== current)
      .map((folder) => ({ folder, bytes: sizeOf(folder) }));
  });
}

/** Removes them; whoever still uses one builds it again. */
export function removeBuilds(builds: readonly StaleBuild[]): void {
  for (const { folder } of builds) fs.rmSync(folder, { recursive: true, force: true });
}

/** `3 builds of other versions, 412 MiB`, or undefined when there are none. */
export function staleText(builds: readonly StaleBuild[]): string | undefined {
  if (builds.length === 0) return undefined;
  const bytes = builds.reduce((sum, build) => sum + build.bytes, 0);
  return `${builds.length} ${builds.length === 1 ? "build" : "builds"} of other versions, ${Math.ceil(bytes / 2 ** 20)} MiB`;
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
