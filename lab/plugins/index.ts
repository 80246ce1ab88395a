import { execFile } from "node:child_process";
import { accessSync, constants, readFileSync, realpathSync, statSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";

/** The plugins that the program needs; the versions are those of the npm packages, which the engine insists on. */
const NEEDED = [
  { name: "kubernetes", version: "4.32.0" },
  { name: "command", version: "1.2.1" },
] as const;

/** The folder of the stand-ins' executables: what goes onto PATH when a stand-in is used. */
export const standInFolder = join(__dirname, "bin");

/**
 * The folder of a language host that also starts policy packs, which the newest one that can be built (3.68.0) refuses; it
 * hands everything else to the next host on PATH, so it goes before that one.
 */
export const policyHostFolder = join(__dirname, "bin-language");

/** One provider plugin as the engine will find it; `path` is the executable. */
export interface ProviderPlugin {
  readonly name: string;
  readonly version: string;
  readonly kind: "real" | "stand-in";
  readonly path: string;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    // Not there or not allowed: either way the engine cannot start it.
    return false;
  }
}

/** Whether an executable is one of ours, under whatever name or link it is found. */
function isStandIn(path: string): boolean {
  const real = realpathSync(path);
  return (
    dirname(real) === realpathSync(standInFolder) ||
    readFileSync(real).subarray(0, 200).includes("launch.mjs")
  );
}

/** Where a real plugin is: on PATH, else installed for exactly this version in the Pulumi home. */
function realPlugin(
  name: string,
  version: string,
  pathDirs: readonly string[],
  pulumiHome: string,
): string | undefined {
  const program = `pulumi-resource-${name}`;
  const installed = join(pulumiHome, "plugins", `resource-${name}-v${version}`, program);
  return [...pathDirs.map((dir) => join(dir, program)), installed].find(
    (path) => isExecutable(path) && !isStandIn(path),
  );
}

/**
 * The provider plugins that a run will use: the real one where it is on PATH or installed in `pulumiHome`, else the
 * stand-in. Asks the file system only; {@link installRealPlugins} tries to get the missing ones first.
 */
export function providerPlugins(pathDirs: readonly string[], pulumiHome: string): ProviderPlugin[] {
  return NEEDED.map(({ name, version }) => {
    const real = realPlugin(name, version, pathDirs, pulumiHome);
    return real === undefined
      ? { name, version, kind: "stand-in", path: join(standInFolder, `pulumi-resource-${name}`) }
      : { name, version, kind: "real", path: real };
  });
}

/**
 * Tries once to install every plugin that is missing, all within `timeoutMs`; resolves with one line for people per
 * plugin that could not be had. `pulumi` is the engine's executable and `env` its environment.
 */
export async function installRealPlugins(
  plugins: readonly ProviderPlugin[],
  pulumi: string,
  env: NodeJS.ProcessEnv,
  timeoutMs = 8_000,
): Promise<string[]> {
  const missing = plugins.filter(({ kind }) => kind === "stand-in");
  const tries = missing.map(async ({ name, version }) => {
    const args = ["plugin", "install", "resource", name, `v${version}`, "--non-interactive"];
    try {
      await promisify(execFile)(pulumi, args, { env, timeout: timeoutMs, killSignal: "SIGKILL" });
      return [];
    } catch {
      return [
        `pulumi-resource-${name} ${version} cannot be installed from here: the lab's stand-in takes its place`,
      ];
    }
  });
  return (await Promise.all(tries)).flat();
}

/**
 * PATH for the engine: the stand-ins' folder in front of `path` when any is in use. It holds both executables, so
 * where one of the two is real, that one's folder goes before it.
 */
export function pathWith(plugins: readonly ProviderPlugin[], path: string): string {
  const kept = path.split(delimiter).filter((dir) => dir !== standInFolder);
  if (plugins.every(({ kind }) => kind === "real")) return kept.join(delimiter);
  const real = plugins.filter(({ kind }) => kind === "real").map((plugin) => dirname(plugin.path));
  return [...new Set([...real, standInFolder, ...kept])].join(delimiter);
}

/** What the rehearsal prints about its provider plugins, in one line. */
export function describePlugins(plugins: readonly ProviderPlugin[]): string {
  const one = ({ name, version, kind }: ProviderPlugin): string => `${name} ${version} (${kind})`;
  return `provider plugins: ${plugins.map(one).join(", ")}`;
}
