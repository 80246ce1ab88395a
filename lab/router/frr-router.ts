import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { execFile, execFileSync, spawnSync } from "node:child_process";
import { promisify } from "node:util";
import type { Processes } from "../processes/processes";
import type { Router, RouterOrder, RouterPath, RouterPeer } from "./router";
import { field, list, number, text } from "../../model/kubernetes/object";

const run = promisify(execFile);

/** The longest path of a Unix socket, less room for the socket's own name. */
const socketFolderLimit = 95;

/** A real bgpd. Without zebra, which one that forwards has, it learns and announces, and leaves the kernel's routes alone. */
export class FrrRouter implements Router {
  private readonly folder: string;
  private readonly process: string;
  private zebra: Zebra | undefined;

  constructor(
    private readonly frr: FrrPrograms,
    private readonly processes: Processes,
    directory: string,
    readonly order: RouterOrder,
  ) {
    const wanted = path.join(directory, "routers", order.name);
    this.folder =
      wanted.length <= socketFolderLimit ? wanted : fs.mkdtempSync(path.join(os.tmpdir(), "metal-frr-"));
    fs.mkdirSync(path.join(this.folder, "vtysh"), { recursive: true, mode: 0o755 });
    fs.writeFileSync(path.join(this.folder, "vtysh", "vtysh.conf"), "");
    this.process = `router-${order.name}`;
  }

  get software(): string {
    return `FRR ${this.frr.version}`;
  }

  get inspectCommand(): string {
    return `${this.frr.vtysh} ${this.shell().join(" ")} -c 'show bgp summary'`;
  }

  get runs(): boolean {
    return this.processes.names.includes(this.process);
  }

  async start(configuration = this.order.configuration): Promise<void> {
    const complaints = await frrComplaints(this.frr, configuration, this.folder);
    if (complaints.length > 0) {
      throw new Error(`FRR does not take the configuration of ${this.order.name}:\n${complaints.join("\n")}`);
    }
    const file = path.join(this.folder, "frr.conf");
    fs.writeFileSync(file, configuration, { mode: 0o600 });
    // one that was killed leaves its socket
    for (const left of ["bgpd.vty", "bgpd.pid"]) fs.rmSync(path.join(this.folder, left), { force: true });
    if (this.order.forwardsOn !== undefined)
      this.zebra ??= await Zebra.start(this.frr, this.processes, this.order);
    const listens = this.order.addresses.flatMap((address) => ["-l", address]);
    // -Z, -n: no zebra, no kernel
    const zebra = this.zebra?.socket ?? path.join(this.folder, "zebra");
    const kernel = this.zebra === undefined ? ["-Z", "-n"] : [];
    const argv = [
      // -S: this process cannot become the user frr
      ...[this.frr.bgpd, "-S", ...kernel, "-p", String(this.order.port), ...listens, "-P", "0", "-f", file],
      ...["-i", path.join(this.folder, "bgpd.pid"), "-z", zebra],
      ...["--vty_socket", this.folder, "--log", "stdout"],
    ];
    await this.processes.start(this.process, onNetworkOf(this.order, argv), {
      ready: () => this.isUp(),
      readySeconds: 20,
    });
  }

  async stop(): Promise<void> {
    await this.processes.kill(this.process);
  }

  async peers(): Promise<RouterPeer[]> {
    const found = new Map<string, RouterPeer>();
    for (const family of ["ipv4", "ipv6"]) {
      const summary = await this.show(`show bgp ${family} unicast summary json`);
      const peers = Object.entries((field(summary, "peers") ?? {}) as Record<string, unknown>);
      for (const [address, peer] of peers) {
        const state = text(peer, "state") ?? "unknown";
        const received = (number(peer, "pfxRcd") ?? 0) + (found.get(address)?.received ?? 0);
        found.set(address, { address, established: state === "Established", state, received });
      }
    }
    return [...found.values()].sort((a, b) => a.address.localeCompare(b.address));
  }

  async paths(): Promise<RouterPath[]> {
    const families = await Promise.all(
      ["ipv4", "ipv6"].map(async (family) => {
        const table = await this.show(`show bgp ${family} unicast json`);
        return Object.values((field(table, "routes") ?? {}) as Record<string, unknown>);
      }),
    );
    return families
      .flat()
      .flatMap((paths) => (Array.isArray(paths) ? (paths as unknown[]) : []))
      .map((each) => ({
        prefix: text(each, "network") ?? "",
        nextHop: text(list(each, "nexthops")[0], "ip") ?? "",
        valid: field(each, "valid") === true,
      }))
      .sort((a, b) => `${a.prefix} ${a.nextHop}`.localeCompare(`${b.prefix} ${b.nextHop}`));
  }

  /** The answer to a `show … json` command. */
  async show(command: string): Promise<unknown> {
    const { stdout } = await run(this.frr.vtysh, [...this.shell(), "-c", command], { timeout: 10_000 });
    return stdout.trim() === "" ? {} : (JSON.parse(stdout) as unknown);
  }

  async answers(): Promise<string> {
    const questions = [
      "show bgp ipv4 unicast json",
      "show bgp ipv6 unicast json",
      "show bgp summary json",
      "show bgp neighbors json",
    ];
    const argv = [...this.shell(), ...questions.flatMap((each) => ["-c", each])];
    const { stdout } = await run(this.frr.vtysh, argv, { timeout: 10_000, maxBuffer: 64e6 });
    return `${stdout}\n${fs.readFileSync(this.processes.logFile(this.process), "utf8")}`;
  }

  private shell(): string[] {
    const configuration = path.join(this.folder, "vtysh");
    return ["--config_dir", configuration, "--vty_socket", this.folder, "-d", "bgpd"];
  }

  private async isUp(): Promise<boolean> {
    try {
      await this.show("show bgp ipv4 unicast summary json");
      return true;
    } catch {
      // It does not answer yet.
      return false;
    }
  }
}

/** The daemon that installs the routes of others in the kernel; it becomes the user frr, who must reach its files. */
class Zebra {
  private constructor(readonly socket: string) {}

  static async start(frr: FrrPrograms, processes: Processes, order: RouterOrder): Promise<Zebra> {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "metal-zebra-"));
    // It listens to requests of bgpd alone, and has nothing to configure.
    const file = path.join(folder, "zebra.conf");
    fs.writeFileSync(file, "");
    execFileSync("chown", ["-R", "frr:frr", folder]);
    const socket = path.join(folder, "zebra.sock");
    const argv = [
      ...[path.join(path.dirname(frr.bgpd), "zebra"), "-P", "0", "-f", file, "-z", socket],
      ...["-i", path.join(folder, "zebra.pid"), "--vty_socket", folder, "--log", "stdout"],
    ];
    process.once("exit", () => fs.rmSync(folder, { recursive: true, force: true }));
    const ready = () => Promise.resolve(fs.existsSync(socket));
    await processes.start(`router-${order.name}-zebra`, onNetworkOf(order, argv), {
      ready,
      readySeconds: 20,
    });
    return new Zebra(socket);
  }
}

/** The command that runs another one on the network on which a router forwards. */
function onNetworkOf({ forwardsOn }: RouterOrder, argv: readonly string[]): readonly string[] {
  return typeof forwardsOn === "object" ? forwardsOn.on(argv) : argv;
}

/** FRR's programs as the distribution installs them. */
export interface FrrPrograms {
  readonly bgpd: string;
  readonly vtysh: string;
  /** `8.4.4`. */
  readonly version: string;
}

/** Where distributions put FRR's daemons; they are not on PATH. */
const folders = ["/usr/lib/frr", "/usr/libexec/frr", "/usr/sbin"];
const shells = ["/usr/bin/vtysh", "/usr/sbin/vtysh", "/bin/vtysh"];

/** FRR where it is installed; undefined where it is not. */
export function installedFrr(): FrrPrograms | undefined {
  const bgpd = folders.map((folder) => path.join(folder, "bgpd")).find((file) => fs.existsSync(file));
  const vtysh = shells.find((file) => fs.existsSync(file));
  if (bgpd === undefined || vtysh === undefined) return undefined;
  const output = spawnSync(bgpd, ["--version"], { encoding: "utf8" }).stdout ?? "";
  const version = /version (\d+\.\d+(?:\.\d+)?)/.exec(output)?.[1];
  return version === undefined ? undefined : { bgpd, vtysh, version };
}

/** Lines of a bgpd's check that are no error. */
const harmless =
  /Graceful restart configuration changed|failed to mkdir "\/var\/tmp\/frr|crashlog .*unavailable/;

/**
 * The errors of FRR's own parsers for a configuration; empty when nothing. vtysh finds unknown commands and bad values,
 * bgpd wrong order and references. Neither daemon nor root is needed. `folder` is for their files and is left as it was.
 */
async function frrComplaints(frr: FrrPrograms, configuration: string, folder: string): Promise<string[]> {
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
      .filter((line) => /^%|\[EC \d+\]|on config line \d+/.test(line) && !harmless.test(line));
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
