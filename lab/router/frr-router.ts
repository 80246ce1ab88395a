import { execFile } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { field, list, number, text } from "../../model/kubernetes/object";
import type { Processes } from "../processes/processes";
import { frrComplaints, type FrrPrograms } from "./frr-programs";
import type { Router, RouterOrder, RouterPath, RouterPeer } from "./router";

const run = promisify(execFile);

/** The longest path of a Unix socket, less room for the socket's own name. */
const SOCKET_FOLDER_LIMIT = 95;

/** A real bgpd without zebra: it learns and announces, and leaves the kernel's routes alone. */
export class FrrRouter implements Router {
  private readonly folder: string;
  private readonly process: string;

  constructor(
    private readonly frr: FrrPrograms,
    private readonly processes: Processes,
    directory: string,
    readonly order: RouterOrder,
  ) {
    const wanted = path.join(directory, "routers", order.name);
    this.folder =
      wanted.length <= SOCKET_FOLDER_LIMIT ? wanted : fs.mkdtempSync(path.join(os.tmpdir(), "metal-frr-"));
    fs.mkdirSync(path.join(this.folder, "vtysh"), { recursive: true, mode: 0o755 });
    fs.writeFileSync(path.join(this.folder, "vtysh", "vtysh.conf"), "");
    this.process = `router-${order.name}`;
  }

  get software(): string {
    return `FRR ${this.frr.version}`;
  }

  get ask(): string {
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
    const listens = this.order.addresses.flatMap((address) => ["-l", address]);
    const argv = [
      // -S: we are nobody who could become the user frr; -Z, -n: no zebra, no kernel
      ...[this.frr.bgpd, "-S", "-Z", "-n", "-p", String(this.order.port), ...listens, "-P", "0", "-f", file],
      ...["-i", path.join(this.folder, "bgpd.pid"), "-z", path.join(this.folder, "zebra")],
      ...["--vty_socket", this.folder, "--log", "stdout"],
    ];
    await this.processes.start(this.process, argv, { ready: () => this.isUp(), readySeconds: 20 });
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
