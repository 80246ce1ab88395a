import { familyOf } from "../../model/net/addresses";
import { ip, NetworkNamespace } from "../namespace/network";
import type { Processes } from "../processes/processes";
import type { RouterOrder } from "../router";
import { FrrRouter, installedFrr } from "../router/frr-router";

/** Addresses of the link between the lab and a leaf, without prefix lengths. */
interface Uplink {
  readonly lab: string;
  readonly leaf: string;
  readonly prefix: number;
}

/** Networks of the uplinks, from the ranges for benchmarks (RFC 2544) and documentation (RFC 3849). */
const uplinksOf = (index: number): readonly Uplink[] => [
  { lab: `198.18.${index}.1`, leaf: `198.18.${index}.2`, prefix: 30 },
  { lab: `2001:db8:18:${index}::1`, leaf: `2001:db8:18:${index}::2`, prefix: 64 },
];

/** The last of the private ASNs (RFC 6996), which no stack uses by chance. */
const spineASN = 4294967294;

/**
 * A router that is the gateway of node networks, such as the top of a rack: a network namespace with a link to each of these
 * networks and one to the lab, which is the spine of all leaves.
 */
export class Leaf {
  private readonly devices = new Set<string>();

  private constructor(
    private readonly network: NetworkNamespace,
    private readonly planned: RouterOrder,
    readonly uplinks: readonly Uplink[],
  ) {}

  static async start(planned: RouterOrder, index: number, processes: Processes): Promise<Leaf> {
    const network = await NetworkNamespace.start(processes, `router-${planned.name}-network`);
    const uplinks = uplinksOf(index);
    network.link(`leaf${index}`, "uplink", {
      lab: uplinks.map(({ lab, prefix }) => `${lab}/${prefix}`),
      inside: uplinks.map(({ leaf, prefix }) => `${leaf}/${prefix}`),
    });
    for (const { lab } of uplinks) network.ip("route", "add", "default", "via", lab);
    network.forwardPackets();
    return new Leaf(network, planned, uplinks);
  }

  /** Of the router. */
  get name(): string {
    return this.planned.name;
  }

  /** Whether the gateway is one of its own addresses. */
  has(gateway: string): boolean {
    return this.planned.addresses.includes(gateway);
  }

  /** Plugs it into a network's bridge with a gateway's address, written `10.0.0.1/24`; the lab then reaches that network by it. */
  plug(bridge: string, gateway: string, network: string): void {
    if (!this.devices.has(bridge)) {
      this.network.link(`${bridge}-leaf`, bridge);
      ip("link", "set", `${bridge}-leaf`, "master", bridge);
      this.devices.add(bridge);
    }
    this.network.addAddress(gateway, bridge);
    this.routeFromLab("replace", network);
  }

  /** Adds or removes the route to a single address behind one of its nodes. */
  routeTo(change: "replace" | "delete", address: string, node: string): void {
    this.network.ip("route", change, address, "via", node);
    this.routeFromLab(change, address);
  }

  /** What the program generates for the router, with the sessions of its uplinks: these it announces all to, and learns nothing from. */
  get order(): RouterOrder {
    const sessions = this.uplinks.flatMap(({ lab }) => [
      ` neighbor ${lab} remote-as ${spineASN}`,
      ` neighbor ${lab} timers connect 1`,
      ` address-family ${familyOf(lab) ?? ""} unicast`,
      `  neighbor ${lab} activate`,
      `  neighbor ${lab} route-map LAB-IN in`,
      `  neighbor ${lab} route-map LAB-OUT out`,
      " exit-address-family",
    ]);
    const [asn = 0] = this.planned.sessions.map(({ localASN }) => localASN);
    const added = [
      "route-map LAB-IN deny 10",
      "exit",
      "route-map LAB-OUT permit 10",
      "exit",
      `router bgp ${asn}`,
      ...sessions,
      "exit",
    ];
    return {
      ...this.planned,
      configuration: `${this.planned.configuration}\n${added.join("\n")}\n`,
      forwardsOn: this.network,
    };
  }

  private routeFromLab(change: "replace" | "delete", network: string): void {
    const via = this.uplinks.find(({ leaf }) => familyOf(leaf) === familyOf(network))?.leaf ?? "";
    ip("route", change, network, "via", via);
  }
}

/** Starts the lab's own router, which learns from the leaves which networks of pods and services are behind each. */
export async function startSpine(
  leaves: readonly Leaf[],
  processes: Processes,
  directory: string,
): Promise<void> {
  if (leaves.length === 0) return;
  const frr = installedFrr();
  if (frr === undefined)
    throw new Error("leaves forward what they learn, which needs FRR: apt-get install frr");
  const links = leaves.flatMap(({ uplinks }) => uplinks);
  const configuration = [
    `router bgp ${spineASN}`,
    " no bgp ebgp-requires-policy",
    " no bgp default ipv4-unicast",
    " bgp bestpath as-path multipath-relax",
    ...links.flatMap(({ leaf }) => [
      ` neighbor ${leaf} remote-as external`,
      ` neighbor ${leaf} passive`,
      ` address-family ${familyOf(leaf) ?? ""} unicast`,
      `  neighbor ${leaf} activate`,
      "  maximum-paths 8",
      " exit-address-family",
    ]),
    "exit",
  ];
  const spine = new FrrRouter(frr, processes, directory, {
    name: "spine",
    addresses: links.map(({ lab }) => lab),
    port: 179,
    clusters: [],
    configuration: `${configuration.join("\n")}\n`,
    sessions: [],
    forwardsOn: "lab",
  });
  await spine.start();
}
