import fs from "node:fs";
import path from "node:path";

import { readJson, shortHash, writeWhole, type Environment } from "./cache";
import { goModuleFolder } from "./go";
import type { FolderName, FolderSpec } from "./tools";

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

// a changed go.sum asks for other bytes, so that it must not find the old answer
function memoOf(root: string, name: FolderName, spec: FolderSpec, modules: string): string {
  const sums = fs.readFileSync(path.join(modules, spec.module, "go.sum"), "utf8");
  return path.join(root, "folders", `${name}-${shortHash(`${sums}\0${spec.version}\0${spec.path}`)}.json`);
}
