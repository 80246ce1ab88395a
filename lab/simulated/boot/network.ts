import net from "node:net";
import { parse } from "yaml";
import { BootRefused } from "./cloud-config";
import { field, list, number, text } from "../../../model/kubernetes/object";
import { prefixOfNetmask } from "../../../model/net/addresses";

/** The fixed addresses in a network_data.json (or its YAML form), in order. */
function fixedAddresses(networkData: string | undefined): string[] {
  if (networkData === undefined) return [];
  const parsed: unknown = parse(networkData);
  return list(parsed, "networks")
    .filter((network) => /^ipv[46]$/.test(text(network, "type") ?? ""))
    .map((network) => (text(network, "ip_address") ?? "").split("/")[0] ?? "")
    .filter((address) => net.isIP(address) !== 0);
}

/**
 * The addresses under which a node registers: those of `--node-ip`, else the first fixed one of each family, else one
 * that the metaData names, else what DHCP gives.
 */
export function nodeAddresses(
  nodeIp: string | undefined,
  networkData: string | undefined,
  metaData: Readonly<Record<string, string>>,
  dhcp: () => string,
): string[] {
  const requested = (nodeIp ?? "").split(",").filter((entry) => entry !== "");
  for (const address of requested) {
    if (net.isIP(address) === 0)
      throw new BootRefused(`kubelet: bad --node-ip "${address}": not an IP address`);
  }
  const fixed = fixedAddresses(networkData);
  for (const address of requested) {
    if (fixed.length > 0 && !fixed.includes(address)) {
      throw new BootRefused(
        `kubelet: node IP "${address}" not found in the host's network interfaces; networkData gives ${fixed.join(", ")}`,
      );
    }
  }
  if (requested.length > 0) return requested;
  const families = [4, 6].flatMap((family) => fixed.find((address) => net.isIP(address) === family) ?? []);
  if (families.length > 0) return families;
  const named = Object.entries(metaData).find(
    ([key, value]) => /ip|address/i.test(key) && net.isIP(value) !== 0,
  );
  return [named?.[1] ?? dhcp()];
}

/** The DHCP server of the nodes' network: a host keeps its address, and no two have the same. */
export class Leases {
  private readonly given = new Map<string, string>();

  /** An address for a host, other than the endpoint, in the nodes' network; never a loopback one, which Endpoints refuse. */
  addressFor(host: string, endpoint: string): string {
    const known = this.given.get(host);
    if (known !== undefined) return known;
    const taken = new Set([...this.given.values(), endpoint]);
    const free = candidates(endpoint).find((address) => !taken.has(address));
    if (free === undefined) throw new BootRefused("dhcp: no address is free in the simulated network");
    this.given.set(host, free);
    return free;
  }
}

/** Addresses high in the endpoint's /24 or /112, where stack files seldom have fixed ones. */
function candidates(endpoint: string): string[] {
  const numbers = Array.from({ length: 100 }, (_, index) => 150 + index);
  if (net.isIPv6(endpoint)) {
    const network = endpoint.slice(0, endpoint.lastIndexOf(":") + 1);
    return numbers.map((number) => `${network}d${number}`);
  }
  const network = endpoint.split(".").slice(0, 3).join(".");
  return numbers.map((number) => `${network}.${number}`);
}

/** The network of a machine that has booted, as far as its programs look at it. */
export interface MachineNetwork {
  /** Names of its interfaces. */
  readonly links: ReadonlySet<string>;
  readonly hasDefaultRoute: boolean;
  /** Those with addresses. */
  readonly interfaces: readonly MachineInterface[];
}

/** An interface of a machine with its addresses. */
export interface MachineInterface {
  readonly name: string;
  readonly mtu?: number;
  /** `10.250.250.20/24` */
  readonly addresses: readonly string[];
  /** Destinations as `0.0.0.0/0`, with the gateway's address. */
  readonly routes: readonly { readonly to: string; readonly via: string }[];
}

/** A port as inspection found it. */
export interface Port {
  readonly name: string;
  readonly mac: string;
}

/**
 * What cloud-init makes of a network_data.json, or of none: then the first connected port uses DHCP. A port takes the name
 * that is written, else the kernel's; bonds are bond0, bond1 in their order and a VLAN is `<link>.<id>`, whatever name is
 * written (sources/helpers/openstack.py before cloud-init 26.1).
 */
export function machineNetwork(networkData: string | undefined, ports: readonly Port[]): MachineNetwork {
  if (networkData === undefined) {
    const links = new Set(ports.map(({ name }) => name));
    return { links, hasDefaultRoute: ports.length > 0, interfaces: [] };
  }
  const data: unknown = parse(networkData);
  const names = new Map(ports.map(({ name, mac }) => [mac, name]));
  let bonds = 0;
  for (const link of list(data, "links")) {
    const id = text(link, "id") ?? "";
    const mac = (text(link, "ethernet_mac_address") ?? "").toLowerCase();
    if (text(link, "type") === "bond") names.set(id, `bond${bonds++}`);
    else if (text(link, "type") !== "vlan") {
      const name = text(link, "name") ?? names.get(mac) ?? id;
      names.set(mac, name).set(id, name);
    }
  }
  for (const link of list(data, "links").filter((each) => text(each, "type") === "vlan")) {
    const carrier = text(link, "vlan_link") ?? "";
    names.set(text(link, "id") ?? "", `${names.get(carrier) ?? carrier}.${number(link, "vlan_id") ?? ""}`);
  }
  return {
    links: new Set(names.values()),
    hasDefaultRoute: list(data, "networks").some(routesEverything),
    interfaces: interfacesOf(data, names),
  };
}

/** The fixed addresses and routes of a network_data.json by the interface that carries them. */
function interfacesOf(data: unknown, names: ReadonlyMap<string, string>): readonly MachineInterface[] {
  const fixed = list(data, "networks").filter((each) => /^ipv[46]$/.test(text(each, "type") ?? ""));
  const links = new Set(fixed.map((network) => text(network, "link") ?? ""));
  return [...links].map((id) => {
    const own = fixed.filter((network) => text(network, "link") === id);
    const mtu = number(
      list(data, "links").find((link) => text(link, "id") === id),
      "mtu",
    );
    return {
      name: names.get(id) ?? id,
      ...(mtu === undefined ? {} : { mtu }),
      addresses: own.map((each) => withPrefix(text(each, "ip_address") ?? "", field(each, "netmask"))),
      routes: own.flatMap((each) =>
        list(each, "routes").map((route) => ({
          to: withPrefix(text(route, "network") ?? "", field(route, "netmask")),
          via: text(route, "gateway") ?? "",
        })),
      ),
    };
  });
}

/** `10.0.0.1` and `255.255.255.0`, or `fd00::1` and 64 or `ffff:ffff::`, as `10.0.0.1/24`. */
function withPrefix(address: string, mask: unknown): string {
  return address.includes("/") ? address : `${address}/${prefixOfNetmask(mask) ?? ""}`;
}

function routesEverything(network: unknown): boolean {
  if (/dhcp|slaac/.test(text(network, "type") ?? "")) return true;
  return list(network, "routes").some((route) => ["0.0.0.0", "::"].includes(text(route, "network") ?? ""));
}
