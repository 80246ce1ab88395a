import { execFile, spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { promisify } from "node:util";

/** FRR's programs as the distribution installs them. */
export interface FrrPrograms {
  readonly bgpd: string;
  readonly vtysh: string;
  /** `8.4.4`. */
  readonly version: string;
}

/** Where distributions put FRR's daemons; they are not on PATH. */
const FOLDERS = ["/usr/lib/frr", "/usr/libexec/frr", "/usr/sbin"];
const SHELLS = ["/usr/bin/vtysh", "/usr/sbin/vtysh", "/bin/vtysh"];

/** FRR where it is installed; undefined where it is not. */
export function installedFrr(): FrrPrograms | undefined {
  const bgpd = FOLDERS.map((folder) => path.join(folder, "bgpd")).find((file) => fs.existsSync(file));
  const vtysh = SHELLS.find((file) => fs.existsSync(file));
  if (bgpd === undefined || vtysh === undefined) return undefined;
  const said = spawnSync(bgpd, ["--version"], { encoding: "utf8" }).stdout ?? "";
  const version = /version (\d+\.\d+(?:\.\d+)?)/.exec(said)?.[1];
  return version === undefined ? undefined : { bgpd, vtysh, version };
}

const run = promisify(execFile);

/** Lines of a bgpd's check that are no error (facts/cilium-bgp-lab.md, "Validation"). */
const HARMLESS =
  /Graceful restart configuration changed|failed to mkdir "\/var\/tmp\/frr|crashlog .*unavailable/;

/**
 * What FRR's own parsers say against a configuration; empty when nothing. vtysh finds unknown commands and bad values,
 * bgpd wrong order and references. Neither daemon nor root is needed. `folder` is for their files and is left as it was.
 */
export async function frrComplaints(
  frr: FrrPrograms,
  configuration: string,
  folder: string,
): Promise<string[]> {
  const here = fs.mkdtempSync(path.join(folder, "check-"));
  const file = path.join(here, "frr.conf");
  fs.writeFileSync(file, configuration, { mode: 0o600 });
  // without it vtysh looks into /etc/frr, which is closed to others
  fs.writeFileSync(path.join(here, "vtysh.conf"), "");
  try {
    const shell = await output(frr.vtysh, ["--config_dir", here, "-C", "-f", file]);
    const daemon = await output(frr.bgpd, [
      ...["-S", "-Z", "-n", "-p", "0", "-z", path.join(here, "zebra"), "--vty_socket", here],
      ...["-i", path.join(here, "bgpd.pid"), "--log-level", "errors", "-C", "-f", file],
    ]);
    // bgpd ends with 0 whatever it found
    const found = daemon.text
      .split("\n")
      .filter((line) => /^%|\[EC \d+\]|on config line \d+/.test(line) && !HARMLESS.test(line));
    const shellSays = shell.code === 0 ? [] : shell.text.split("\n").filter((line) => line.trim() !== "");
    return [...shellSays.map((line) => `vtysh: ${line}`), ...found.map((line) => `bgpd: ${line}`)];
  } finally {
    fs.rmSync(here, { recursive: true, force: true });
  }
}

async function output(program: string, args: readonly string[]): Promise<{ code: number; text: string }> {
  try {
    const { stdout, stderr } = await run(program, args, { timeout: 20_000 });
    return { code: 0, text: `${stdout}${stderr}` };
  } catch (error) {
    const failed = error as { code?: unknown; stdout?: string; stderr?: string; message: string };
    const text = `${failed.stdout ?? ""}${failed.stderr ?? ""}`;
    return { code: typeof failed.code === "number" ? failed.code : 1, text: text || failed.message };
  }
}
