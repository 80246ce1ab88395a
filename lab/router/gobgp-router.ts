import { execFile } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { list, number, text } from "../../model/kubernetes/object";
import type { Processes } from "../processes/processes";
import { sessionState } from "../simulated/cilium/bgp/session-state";
import type { Toolchain } from "../toolchain";
import type { Router, RouterOrder, RouterPath, RouterPeer, RouterSessions } from "./router";
import { hostPort } from "../../model/net/addresses";

const run = promisify(execFile);

/** Replaces FRR where it is not installed: real sessions, but our FRR configuration is not tested. */
export class GobgpRouter implements Router {
  readonly software = "GoBGP 4.8.0 in FRR's place";
  private readonly process: string;
  private readonly file: string;

  constructor(
    private readonly tools: Toolchain,
    private readonly processes: Processes,
    directory: string,
    readonly order: RouterOrder,
  ) {
    const folder = path.join(directory, "routers", order.name);
    fs.mkdirSync(folder, { recursive: true });
    this.file = path.join(folder, "gobgpd.json");
    this.process = `router-${order.name}`;
  }

  get inspectCommand(): string {
    return `${this.tools.tool("gobgp")} ${this.at().join(" ")} neighbor`;
  }

  get runs(): boolean {
    return this.processes.names.includes(this.process);
  }

  async start(edited?: string): Promise<void> {
    if (edited !== undefined) {
      throw new Error(
        `router ${this.order.name} cannot run an edited FRR configuration: FRR is not installed; apt-get install frr`,
      );
    }
    const configuration = gobgpRouterConfig(this.order);
    fs.writeFileSync(this.file, JSON.stringify(configuration), { mode: 0o600 });
    const [address = ""] = this.order.addresses;
    const api = hostPort({ host: address, port: 50051 });
    const options = ["-t", "json", "--pprof-disable", "--metrics-path=", `--api-hosts=${api}`];
    const argv = [this.tools.tool("gobgpd"), "-f", this.file, ...options];
    await this.processes.start(this.process, argv, { ready: () => this.isUp(), readySeconds: 20 });
  }

  async stop(): Promise<void> {
    await this.processes.kill(this.process);
  }

  async peers(): Promise<RouterPeer[]> {
    const answers = await this.query("-j", "neighbor");
    return list(answers).map((answer) => {
      const { state, routes } = sessionState(answer);
      const received = routes.reduce((sum, route) => sum + route.received, 0);
      // a dynamic neighbour has its address in its state only
      const address = text(answer, "state", "neighbor_address") ?? "";
      return { address, established: state === "established", state, received };
    });
  }

  async paths(): Promise<RouterPath[]> {
    const tables = await Promise.all(
      ["ipv4", "ipv6"].map((family) => this.query("-j", "global", "rib", "-a", family)),
    );
    return tables.flatMap(gobgpPaths);
  }

  answers(): Promise<string> {
    return Promise.resolve("");
  }

  private at(): string[] {
    return ["-u", this.order.addresses[0] ?? "", "-p", "50051"];
  }

  private async query(...args: readonly string[]): Promise<unknown> {
    const { stdout } = await run(this.tools.tool("gobgp"), [...this.at(), ...args], { timeout: 10_000 });
    return stdout.trim() === "" ? {} : (JSON.parse(stdout) as unknown);
  }

  private async isUp(): Promise<boolean> {
    try {
      return number(await this.query("-j", "global"), "asn") !== undefined;
    } catch {
      // It does not answer yet.
      return false;
    }
  }
}

/** Paths in the answer of `gobgp -j global rib`: prefix to paths with their attributes by type. */
export function gobgpPaths(table: unknown): RouterPath[] {
  return Object.entries((table ?? {}) as Record<string, unknown>).flatMap(([prefix, paths]) =>
    list(paths).map((each) => ({ prefix, nextHop: nextHopOf(each), valid: true })),
  );
}

/** NEXT_HOP, or the one inside MP_REACH_NLRI (RFC 4271, RFC 4760). */
function nextHopOf(path: unknown): string {
  const attributes = list(path, "attrs").filter((each) => [3, 14].includes(number(each, "type") ?? 0));
  return attributes.map((each) => text(each, "nexthop")).find((hop) => hop !== undefined) ?? "";
}

/** gobgpd's configuration for a router: it accepts everything from the nodes and announces nothing. */
export function gobgpRouterConfig(order: RouterOrder): Record<string, unknown> {
  const [asn = 0] = order.sessions.map((each) => each.localASN);
  const [address = ""] = order.addresses;
  return {
    global: {
      config: {
        as: asn,
        "router-id": address.includes(":") ? "192.0.2.254" : address,
        port: order.port,
        "local-address-list": order.addresses,
      },
      "apply-policy": { config: { "default-export-policy": "reject-route" } },
    },
    "peer-groups": order.sessions.map((each, i) => peerGroup(each, `group-${i}`, order)),
    "dynamic-neighbors": order.sessions.flatMap(({ nodes }, i) =>
      nodes.map((prefix) => ({ config: { prefix, "peer-group": `group-${i}` } })),
    ),
  };
}

function peerGroup(sessions: RouterSessions, name: string, order: RouterOrder): Record<string, unknown> {
  const { clusterASN, password, families } = sessions;
  const local = order.addresses.find((each) => each.includes(":") === (families[0] === "ipv6"));
  return {
    config: {
      "peer-group-name": name,
      "peer-as": clusterASN,
      ...(password === undefined ? {} : { "auth-password": password }),
    },
    ...(local === undefined
      ? {}
      : { transport: { config: { "local-address": local, "passive-mode": true } } }),
    "ebgp-multihop": { config: { enabled: true, "multihop-ttl": 255 } },
    "graceful-restart": { config: { enabled: true, "restart-time": 120 } },
    "afi-safis": families.map((family) => ({
      config: { "afi-safi-name": `${family}-unicast` },
      "mp-graceful-restart": { config: { enabled: true } },
    })),
  };
}
