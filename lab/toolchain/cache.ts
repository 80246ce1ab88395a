import crypto from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

import type { ToolSpec } from "./tools";

/** Environment variables as a process sees them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Where built tools and remembered answers live: `$XDG_CACHE_HOME/metal/tools`, else `~/.cache/metal/tools`. */
export function cacheRoot(environment: Environment): string {
  const base = environment["XDG_CACHE_HOME"];
  const home = environment["HOME"] ?? os.homedir();
  // the XDG specification says to ignore a relative path
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
