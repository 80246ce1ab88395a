import fs from "node:fs";
import path from "node:path";
import { canonicalCidr, contains, firstAddressIn, parseAddress, parseCidr } from "../../model/net/addresses";
import { ip } from "../namespace/enter";
import type { Processes } from "../processes/processes";
import type { MachineInterface } from "../simulated/boot/network";
import type { Server, ServerSpec, Servers } from "../workload/servers";
import { LabNode } from "./node";
import { Segment } from "./segment";

/** A server that has power, with its namespaces. */
interface NodeServer extends Server {
  readonly node: LabNode;
  readonly device: string;
  /** Of its node, and the networks of its interfaces, as `10.0.0.20/24`. */
  readonly address: string;
  readonly networks: readonly string[];
  /** Its ends at the bridges. */
  readonly ports: readonly string[];
}

/**
 * Each server as namespaces of its own, plugged into bridges of the lab's network namespace: one for each network of its
 * interfaces. The lab is the gateway of all of them.
 */
export class NamespaceServers implements Servers {
  private readonly segments = new Map<string, Segment>();
  private readonly running = new Map<string, NodeServer>();
  private portCount = 0;
  private readonly cutOff = new Set<string>();

  constructor(
    private readonly directory: string,
    private readonly processes: Processes,
    /** A folder whose folders are the file systems of images. */
    private readonly images: string,
  ) {
    ip("link", "set", "lo", "up");
    forwardPackets();
  }

  /** Makes a network before the first server is plugged in, so that its addresses are known to be free. */
  prepareNetwork({ cidr, gateway }: { readonly cidr: string; readonly gateway: string }): void {
    this.segmentIn(cidr).addAddress(withPrefixOf(gateway, cidr));
  }

  /** Names of the nodes that have power. */
  get names(): readonly string[] {
    return [...this.running.keys()];
  }

  /** The namespaces of a node that has power. */
  nodeNamed(name: string): LabNode | undefined {
    return this.running.get(name)?.node;
  }

  async powerOn(spec: ServerSpec): Promise<Server> {
    const directory = path.join(this.directory, spec.name);
    const node = await LabNode.start({ name: spec.name, directory, programs: this.images }, this.processes);
    const interfaces = spec.interfaces.length > 0 ? spec.interfaces : [leased(spec.addresses)];
    const ports = interfaces.map((each) => {
      const port = `p${++this.portCount}`;
      this.segmentOf(each).plug(node, each, port);
      return port;
    });
    const primary = interfaces.find(({ addresses }) =>
      addresses.some((address) => spec.addresses.includes(address.split("/")[0] ?? "")),
    );
    const server: NodeServer = {
      name: spec.name,
      node,
      device: primary?.name ?? interfaces[0]?.name ?? "",
      on: (argv) => node.onItsNetwork(argv),
      ownNetwork: true,
      address: spec.addresses[0] ?? "",
      networks: interfaces.flatMap(({ addresses }) => addresses),
      ports,
    };
    this.running.set(spec.name, server);
    return server;
  }

  async powerOff({ name }: Server): Promise<void> {
    const server = this.running.get(name);
    this.running.delete(name);
    await server?.node.stop();
  }

  /** Sets the ports of a node's interfaces at their bridges up or down, as those of a switch. */
  setPorts(name: string, state: "up" | "down"): void {
    for (const port of this.running.get(name)?.ports ?? []) ip("link", "set", port, state);
    if (state === "up") this.cutOff.delete(name);
    else this.cutOff.add(name);
  }

  /** Whether the ports of a node are up: what runs on it reaches the API server. */
  isConnected(name: string): boolean {
    return !this.cutOff.has(name);
  }

  announce(address: string, { name }: Server): void {
    const server = this.running.get(name);
    if (server === undefined) return;
    server.node.run("ip", "address", "replace", hostCidr(address), "dev", server.device);
    // The address of a load balancer elsewhere: the gateway forwards it to the one machine behind it.
    if (!isWithin(address, server.networks)) ip("route", "replace", hostCidr(address), "via", server.address);
  }

  withdraw(address: string, { name }: Server): void {
    const server = this.running.get(name);
    if (server === undefined) return;
    server.node.run("ip", "address", "delete", hostCidr(address), "dev", server.device);
    if (!isWithin(address, server.networks)) ip("route", "delete", hostCidr(address));
  }

  /** The bridge of the interface's network; the gateways that its routes name are the lab's addresses on it. */
  private segmentOf({ addresses, routes }: MachineInterface): Segment {
    const segment = this.segmentIn(addresses[0] ?? "");
    for (const address of addresses) {
      const network = canonicalCidr(address);
      const gateways = routes
        .map(({ via }) => via)
        .filter((via) => canonicalCidr(withPrefixOf(via, address)) === network);
      const own = gateways.length > 0 ? gateways : [firstAddressIn(address) ?? ""];
      for (const gateway of own) segment.addAddress(withPrefixOf(gateway, address));
    }
    return segment;
  }

  private segmentIn(cidr: string): Segment {
    const key = canonicalCidr(cidr) ?? cidr;
    const segment = this.segments.get(key) ?? Segment.create(`seg${this.segments.size}`, []);
    this.segments.set(key, segment);
    return segment;
  }
}

/** What DHCP gives: an address of the endpoint's /24 or /64, with its first address as the gateway. */
function leased(addresses: readonly string[]): MachineInterface {
  const withPrefix = addresses.map((address) => `${address}/${address.includes(":") ? 64 : 24}`);
  const routes = withPrefix.map((address) => ({
    to: address.includes(":") ? "::/0" : "0.0.0.0/0",
    via: firstAddressIn(address) ?? "",
  }));
  return { name: "eno1", addresses: withPrefix, routes };
}

function isWithin(address: string, networks: readonly string[]): boolean {
  const own = parseAddress(address);
  return networks.some((text) => {
    const network = parseCidr(text);
    return network !== undefined && own !== undefined && contains(network, own);
  });
}

function withPrefixOf(address: string, like: string): string {
  return `${address}/${like.split("/")[1] ?? ""}`;
}

function hostCidr(address: string): string {
  return `${address}/${parseAddress(address)?.family === 6 ? 128 : 32}`;
}

function forwardPackets(): void {
  const set = (setting: string) => fs.writeFileSync(`/proc/sys/net/${setting}`, "1");
  for (const setting of ["ipv4/ip_forward", "ipv6/conf/all/forwarding"]) set(setting);
  // Routers choose among equal paths by the ports of a connection, too.
  for (const family of ["ipv4", "ipv6"]) set(`${family}/fib_multipath_hash_policy`);
}
