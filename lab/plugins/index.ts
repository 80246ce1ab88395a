import { execFile } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import type { Environment } from "../toolchain/cache";
import type { ToolchainEntry, Toolchain } from "../toolchain";
import { findInstalled, type Found } from "../toolchain/installed";
import { commandPlugin, kubernetesPlugin, type Installed } from "../toolchain/tools";

/** The folder of the simulated command provider's executable. */
export const simulatedFolder = path.join(__dirname, "bin");

/**
 * The folder of a language host that also starts policy packs, which the newest one that can be built (3.68.0) refuses; it
 * passes everything else to the next host on PATH, so it goes before that one.
 */
export const policyHostFolder = path.join(__dirname, "bin-language");

/** One provider plugin of a run; `path` is the executable. */
export interface ProviderPlugin {
  readonly name: string;
  /** The version that the program's npm package requires. */
  readonly wanted: string;
  readonly kind: "real" | "simulated";
  /** The version that it reports; of a simulated one, the version whose behaviour it copies. */
  readonly version: string;
  /** Where it comes from, such as `PATH`, `installed by Pulumi`, or `built from source of 2026-01-15`. */
  readonly source: string;
  readonly path: string;
}

/** An installation of a plugin takes no longer than this; the archives have about 60 MB. */
const installSeconds = 120;

/** The two provider plugins of a run: kubernetes is always real, command is simulated where it is not installed. */
export function providerPlugins(tools: Toolchain, environment: Environment): readonly ProviderPlugin[] {
  const built = tools.entries.find(({ name }) => name === "pulumi-resource-kubernetes");
  if (built === undefined) throw new Error("pulumi-resource-kubernetes is not among the toolchain's tools");
  const command = installed("command", commandPlugin, environment);
  return [
    {
      name: "kubernetes",
      wanted: kubernetesPlugin.range.from,
      kind: "real",
      version: built.version.replace(/^v/, ""),
      source: sourceOf(built),
      path: built.path,
    },
    {
      name: "command",
      wanted: commandPlugin.range.from,
      ...(command === undefined
        ? {
            kind: "simulated",
            version: commandPlugin.range.from,
            source: "lab/plugins/command",
            path: path.join(simulatedFolder, "pulumi-resource-command"),
          }
        : { kind: "real", version: command.version, source: command.from, path: command.path }),
    },
  ];
}

/** The date of a built plugin's source is part of its pseudo-version: `v4.0.0-20260115033456-f47bc2d6f199`. */
function sourceOf({ from, version }: ToolchainEntry): string {
  const date = /-(\d{4})(\d\d)(\d\d)\d{6}-/.exec(version);
  if (date === null || !["built", "cache"].includes(from)) return from;
  return `built from source of ${date.slice(1).join("-")}`;
}

function installed(name: string, plugin: Installed, environment: Environment): Found | undefined {
  const folders = (environment["PATH"] ?? "")
    .split(path.delimiter)
    .filter((folder) => folder !== simulatedFolder);
  const PATH = folders.join(path.delimiter);
  return findInstalled(`pulumi-resource-${name}`, plugin, { ...environment, PATH }).found;
}

/**
 * Tries once to install the plugins that are neither on PATH nor installed, in the versions that the program's packages
 * require. Resolves with one line for each that could not be installed. `pulumi` is the engine's executable.
 */
export async function installPlugins(pulumi: string, environment: NodeJS.ProcessEnv): Promise<string[]> {
  const wanted = { kubernetes: kubernetesPlugin, command: commandPlugin };
  const missing = Object.entries(wanted).filter(
    ([name, plugin]) => installed(name, plugin, environment) === undefined,
  );
  const otherwise = {
    kubernetes: "it is built from its Go module",
    command: "the lab simulates it (lab/plugins)",
  };
  const attempts = missing.map(async ([name, { range }]) => {
    const args = ["plugin", "install", "resource", name, `v${range.from}`, "--non-interactive"];
    try {
      await promisify(execFile)(pulumi, args, {
        env: environment,
        timeout: installSeconds * 1000,
        killSignal: "SIGKILL",
      });
      return [];
    } catch {
      const instead = otherwise[name as keyof typeof otherwise];
      return [`pulumi-resource-${name} ${range.from} cannot be installed from here: ${instead}`];
    }
  });
  return (await Promise.all(attempts)).flat();
}

/**
 * Puts the plugins into a Pulumi home as `pulumi plugin install` would, so that the engine finds exactly these without a
 * warning; it must run with PULUMI_IGNORE_AMBIENT_PLUGINS, else a plugin on PATH goes first.
 */
export function linkPlugins(plugins: readonly ProviderPlugin[], pulumiHome: string): void {
  for (const { name, wanted, path: executable } of plugins) {
    const folder = path.join(pulumiHome, "plugins", `resource-${name}-v${wanted}`);
    fs.mkdirSync(folder, { recursive: true });
    fs.symlinkSync(executable, path.join(folder, `pulumi-resource-${name}`));
  }
}

/** The provider plugins of a run in one line. */
export function describePlugins(plugins: readonly ProviderPlugin[]): string {
  const one = ({ name, version, kind, source }: ProviderPlugin): string =>
    `${name} ${version} (${kind}, ${source})`;
  return `provider plugins: ${plugins.map(one).join("; ")}`;
}
