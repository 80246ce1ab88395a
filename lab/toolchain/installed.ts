import childProcess from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { type Environment, cacheRoot, readJson, shortHash, writeWhole } from "./cache";
import { goNeeded } from "./go";
import { type Installed, fits, versionIn } from "./tools";

/** An installed program whose version fits. */
export interface Found {
  readonly path: string;
  readonly version: string;
  readonly from: string;
}

/** An installed program that was passed over, and the reason. */
interface Rejected {
  readonly path: string;
  readonly why: string;
}

/** What was found of one program: the first that fits, and those before it that do not. */
export interface Search {
  readonly found?: Found;
  readonly rejected: readonly Rejected[];
}

/** Marks the output of our own `cilium` shim, which must never be taken for the Cilium CLI. */
const shimMark = "simulated by helm";

const probeTimeoutMs = 15_000;

const pluginVersion = path.join(__dirname, "../plugins/reported-version.ts");

/** Looks for a program in the folder that its environment variable names, then on `PATH`. */
export function findInstalled(
  name: string,
  installed: Installed,
  environment: Environment,
  cache = cacheRoot(environment),
): Search {
  const rejected: Rejected[] = [];
  for (const { folder, from } of searchFolders(installed, environment)) {
    const file = path.join(folder, name);
    if (!isExecutable(file)) continue;
    const output = versionOutput(file, installed.probe, environment, cache);
    const version = versionIn(output);
    if (output.includes(shimMark)) continue;
    if (version !== undefined && fits(version, installed.range)) {
      return { found: { path: file, version, from }, rejected };
    }
    rejected.push({
      path: file,
      why: version === undefined ? "does not report its version" : `is version ${version}`,
    });
  }
  return { rejected };
}

function searchFolders(installed: Installed, environment: Environment): { folder: string; from: string }[] {
  const variable = installed.folderVariable;
  const named = variable === undefined ? undefined : environment[variable];
  const home = environment["PULUMI_HOME"] ?? path.join(environment["HOME"] ?? os.homedir(), ".pulumi");
  const onPath = (environment["PATH"] ?? "")
    .split(path.delimiter)
    .filter((folder) => path.isAbsolute(folder));
  return [
    ...(variable !== undefined && named ? [{ folder: path.resolve(named), from: variable }] : []),
    ...onPath.map((folder) => ({ folder, from: "PATH" })),
    ...(installed.pulumiFolder === undefined
      ? []
      : [{ folder: path.join(home, installed.pulumiFolder), from: "installed by Pulumi" }]),
  ];
}

function isExecutable(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    if (["ENOENT", "ENOTDIR", "EACCES", "ELOOP"].includes(code)) return false;
    throw error;
  }
}

/** The probe's output, remembered per size and time of change so that a second start runs nothing. */
function versionOutput(
  file: string,
  probe: Installed["probe"],
  environment: Environment,
  cache: string,
): string {
  const real = fs.realpathSync(file);
  const { size, mtimeMs } = fs.statSync(real);
  const memo = path.join(
    cache,
    "probes",
    `${shortHash([file, real, size, mtimeMs, ...probe].join("\0"))}.json`,
  );
  const remembered = readJson(memo);
  if (typeof remembered === "string") return remembered;
  const output = probeOutput(file, probe, environment);
  if (versionIn(output) !== undefined) writeWhole(memo, JSON.stringify(output));
  return output;
}

/** What a program prints about its version, without update checks, and with no cluster in reach. */
export function probeOutput(file: string, probe: Installed["probe"], environment: Environment): string {
  const [program, ...args] =
    probe === "plugin" ? [process.execPath, "--import", "tsx", pluginVersion, file] : [file, ...probe];
  const result = childProcess.spawnSync(program, args, {
    cwd: __dirname,
    encoding: "utf8",
    timeout: probeTimeoutMs,
    env: { ...environment, KUBECONFIG: "/dev/null", PULUMI_SKIP_UPDATE_CHECK: "true" },
  });
  return result.status === 0 ? `${result.stdout}${result.stderr}` : "";
}

/** Something that is neither installed nor cached and therefore needs Go. */
export interface Missing {
  readonly name: string;
  /** What to install instead of building, such as `etcd >=3.6.0 <4.0.0`; absent where only Go helps. */
  readonly install?: string;
  /** Every place that was looked at, with what was wrong there. */
  readonly lookedIn: readonly string[];
}

/** Tools are missing and cannot be built: the command could not run, and ends with this message. */
export class MissingToolsError extends Error {
  constructor(
    readonly missing: readonly Missing[],
    readonly why: string,
  ) {
    super(messageOf(missing, why));
    this.name = "MissingToolsError";
  }
}

function messageOf(missing: readonly Missing[], why: string): string {
  const installable = missing.some(({ install }) => install !== undefined);
  const lines = [
    `${missing.length} of the lab's tools are missing and cannot be built: ${why}`,
    ...missing.flatMap(({ name, install, lookedIn }) => [
      `  ${name}: ${install === undefined ? "comes only from Go" : `install ${install}`}`,
      ...lookedIn.map((place) => `    looked in ${place}`),
    ]),
    `  fix: install Go ${goNeeded} or newer (https://go.dev/dl) and run the same command again: it builds them once`,
  ];
  if (installable) {
    lines.push(
      "  or: install the versions above on PATH (etcd and kube-apiserver also in $KUBEBUILDER_ASSETS);",
    );
    lines.push(
      '      tools marked "comes only from Go" still need Go, or the cache folder of a machine that has it',
    );
  }
  return lines.join("\n");
}
