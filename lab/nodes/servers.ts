import path from "node:path";
import { canonicalCidr, firstAddressIn, hostCidr, isInNetwork } from "../../model/net/addresses";
import { forwardPackets, ip, noDetection } from "../namespace/network";
import type { Processes } from "../processes/processes";
import type { MachineInterface } from "../simulated/boot/network";
import type { Server, ServerSpec, Servers } from "../workload/servers";
import type { Leaf } from "./leaf";
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
  /** Its gateway, where that is a router of its own. */
  readonly leaf: Leaf | undefined;
}

/**
 * Each server as namespaces of its own, plugged into bridges of the lab's network namespace: one for each network of its
 * interfaces. The gateway of each is a leaf, or the lab.
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
    private readonly leaves: readonly Leaf[],
  ) {
    ip("link", "set", "lo", "up");
    forwardPackets();
  }

  /** Makes a network before the first server is plugged in, so that its addresses are known to be free. */
  prepareNetwork(families: readonly { readonly cidr: string; readonly gateway: string }[]): void {
    for (const { cidr, gateway } of families) {
      const segment = this.segmentIn(families.map((family) => family.cidr));
      segment.addAddress(withPrefixOf(gateway, cidr), this.leafAt(gateway));
    }
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
      leaf: this.leaves.find((leaf) => primary?.routes.some(({ via }) => leaf.has(via))),
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

  announce(address: string, { name }: Server, byBgp: boolean): void {
    const server = this.running.get(name);
    if (server === undefined) return;
    // As kube-vip does, so that no connection begins at an IPv6 endpoint (kube-vip pkg/vip/address.go).
    const deprecated = address.includes(":") ? ["preferred_lft", "0", ...noDetection(address)] : [];
    server.node.run("ip", "address", "replace", hostCidr(address), "dev", server.device, ...deprecated);
    if (!byBgp) routeElsewhere("replace", address, server);
  }

  withdraw(address: string, { name }: Server, byBgp: boolean): void {
    const server = this.running.get(name);
    if (server === undefined) return;
    server.node.run("ip", "address", "delete", hostCidr(address), "dev", server.device);
    if (!byBgp) routeElsewhere("delete", address, server);
  }

  /** The bridge of the interface's network; the gateways that its routes name are the lab's addresses on it. */
  private segmentOf({ addresses, routes }: MachineInterface): Segment {
    const segment = this.segmentIn(addresses);
    for (const address of addresses) {
      const network = canonicalCidr(address);
      const gateways = routes
        .map(({ via }) => via)
        .filter((via) => canonicalCidr(withPrefixOf(via, address)) === network);
      const own = gateways.length > 0 ? gateways : [firstAddressIn(address) ?? ""];
      for (const gateway of own) {
        segment.addAddress(withPrefixOf(gateway, address), this.leafAt(gateway));
      }
    }
    return segment;
  }

  private leafAt(gateway: string): Leaf | undefined {
    return this.leaves.find((leaf) => leaf.has(gateway));
  }

  /** The bridge of a network, which has a range for each family. */
  private segmentIn(families: readonly string[]): Segment {
    const keys = families.map((cidr) => canonicalCidr(cidr) ?? cidr);
    const known = keys.flatMap((key) => this.segments.get(key) ?? [])[0];
    const segment = known ?? Segment.create(`seg${new Set(this.segments.values()).size}`, []);
    for (const key of keys) this.segments.set(key, segment);
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

/** The address of a load balancer elsewhere: the gateways forward it to the one machine behind it. */
function routeElsewhere(change: "replace" | "delete", address: string, server: NodeServer): void {
  if (server.networks.some((network) => isInNetwork(address, network))) return;
  if (server.leaf === undefined) ip("route", change, hostCidr(address), "via", server.address);
  else server.leaf.routeTo(change, hostCidr(address), server.address);
}

function withPrefixOf(address: string, like: string): string {
  return `${address}/${like.split("/")[1] ?? ""}`;
}
