import { parse } from "yaml";
import { defined, field, isMap, list, number, text } from "../kubernetes/object";
import { canonicalCidr, prefixOfNetmask } from "../net/addresses";

/** One network on one interface of a host. */
export interface HostEntry {
  readonly id: string;
  readonly link: string;
  /** Undefined with DHCP, or where neither an address nor a pool is known. */
  readonly cidr?: string | undefined;
  /** Undefined with DHCP and from a pool. */
  readonly address?: string | undefined;
  readonly gateway?: string | undefined;
  readonly routes: readonly { readonly to: string; readonly via: string }[];
  readonly dns: readonly string[];
  /** The pool from which machines get the address. */
  readonly pool?: { readonly start: string; readonly end: string } | undefined;
}

/** A host's network as the inputs describe it, in the form of a stack file. */
export interface HostNetwork {
  readonly links: readonly { readonly name: string; readonly mac: string; readonly mtu?: number }[];
  readonly bonds: readonly Readonly<Record<string, unknown>>[];
  readonly vlans: readonly {
    readonly name: string;
    readonly id: number;
    readonly link: string;
    readonly mtu?: number;
  }[];
  readonly entries: readonly HostEntry[];
  readonly dns: readonly string[];
  /** Ports whose MAC address no input says. */
  readonly unknownPorts: readonly string[];
}

function parsed(written: string): unknown {
  try {
    return parse(written, { maxAliasCount: 100, logLevel: "silent" }) as unknown;
  } catch {
    return undefined; // the comparison with the plan reports that the host's network is not known
  }
}

/** A host's network from its network data, in JSON or YAML; undefined where there is none, or it cannot be read. */
export function readNetworkData(written: string | undefined): HostNetwork | undefined {
  const data = written === undefined ? undefined : parsed(written);
  return isMap(data) ? fromNetworkData(data) : undefined;
}

/** Keys of network data that are read, of links, networks and services. */
const readKeys: Readonly<Record<string, RegExp>> = {
  links: /^(id|name|type|mtu|ethernet_mac_address|bond_(mode|links|miimon)|vlan_(id|link|mac_address))$/,
  networks: /^(id|network_id|type|link|ip_address|netmask|routes|dns_nameservers)$/,
  services: /^(type|address)$/,
};

/**
 * Network data in a form in which two are compared: by what they mean, not by the ids that they use. What is not read is in it as it
 * is. Undefined where there is none, or it cannot be read.
 */
export function networkInData(written: string | undefined): unknown {
  const network = readNetworkData(written);
  if (network === undefined) return undefined;
  const data = parsed(written ?? "");
  const { links, bonds, vlans, entries, dns } = network;
  return {
    ...(links.length === 0 ? {} : { links }),
    bonds,
    vlans,
    networks: entries.map((entry) => {
      const { cidr, address, gateway, routes, link } = entry;
      return defined({ name: address ?? link, cidr, gateway, routes, dns: entry.dns });
    }),
    services: dns,
    unread: Object.fromEntries(
      Object.entries(isMap(data) ? data : {}).map(([part, items]) => [
        part,
        (Array.isArray(items) ? (items as unknown[]) : []).flatMap((item) =>
          Object.keys(isMap(item) ? item : {}).filter(
            (key) => readKeys[part]?.test(key) !== true && !(part === "links" && key in bondKeys),
          ),
        ),
      ]),
    ),
  };
}

/** OpenStack's network_data.json, as a Secret of a host has it. */
function fromNetworkData(data: Readonly<Record<string, unknown>>): HostNetwork {
  const links = list(data, "links");
  const nameOf = new Map(
    links.map((link) => [text(link, "id") ?? "", text(link, "name") ?? text(link, "id") ?? ""]),
  );
  const known = (id: unknown) => (typeof id === "string" ? (nameOf.get(id) ?? id) : "");
  const ofType = (...types: readonly string[]) =>
    links.filter((link) => types.includes(text(link, "type") ?? "phy"));
  const mtu = (link: unknown) => defined({ mtu: number(link, "mtu") });
  const ports = links.filter((link) => !["bond", "vlan"].includes(text(link, "type") ?? ""));
  const [only] = ports;
  // A port that cloud-init is not to rename has no name.
  const unnamed = links.length === 1 && text(only, "name") === undefined;
  return {
    links: unnamed
      ? []
      : ports.map((link) => ({
          name: known(field(link, "id")),
          mac: text(link, "ethernet_mac_address") ?? "",
          ...mtu(link),
        })),
    bonds: ofType("bond").map((link) => ({
      name: known(field(link, "id")),
      mode: text(link, "bond_mode"),
      links: list(link, "bond_links").map(known),
      ...bondOptions(link),
      ...mtu(link),
    })),
    vlans: ofType("vlan").map((link) => ({
      name: known(field(link, "id")),
      id: number(link, "vlan_id") ?? 0,
      link: known(field(link, "vlan_link")),
      ...mtu(link),
    })),
    entries: list(data, "networks").map((network) => fixedEntry(network, known(field(network, "link")))),
    dns: list(data, "services").flatMap((service) =>
      text(service, "type") === "dns" ? (text(service, "address") ?? []) : [],
    ),
    unknownPorts: [],
  };
}

const bondKeys: Readonly<Record<string, string>> = {
  bond_xmit_hash_policy: "transmitHashPolicy",
  bond_updelay: "upDelay",
  bond_downdelay: "downDelay",
  bond_lacp_rate: "lacpRate",
  bond_ad_select: "adSelect",
  bond_min_links: "minLinks",
  bond_primary: "primary",
  bond_primary_reselect: "primaryReselect",
  bond_fail_over_mac: "failOverMac",
  bond_num_grat_arp: "gratuitousArp",
  bond_arp_interval: "arpInterval",
  bond_arp_ip_target: "arpTargets",
  bond_arp_validate: "arpValidate",
};

function bondOptions(link: unknown): Readonly<Record<string, unknown>> {
  const miimon = number(link, "bond_miimon");
  return {
    ...(miimon === undefined || miimon === 100 ? {} : { miimon }),
    ...Object.fromEntries(
      Object.entries(bondKeys).flatMap(([key, ours]) => {
        const value = field(link, key);
        return value === undefined ? [] : [[ours, value]];
      }),
    ),
  };
}

function fixedEntry(network: unknown, link: string): HostEntry {
  const [address, inline] = (text(network, "ip_address") ?? "").split("/");
  const prefix = inline ?? prefixOfNetmask(field(network, "netmask"));
  const fixed = address !== undefined && address !== "";
  const routes = list(network, "routes").map((route) => ({
    to: `${text(route, "network") ?? ""}/${prefixOfNetmask(field(route, "netmask")) ?? ""}`,
    via: text(route, "gateway") ?? "",
  }));
  return {
    id: text(network, "id") ?? "",
    link,
    ...(fixed ? { cidr: canonicalCidr(`${address}/${prefix ?? ""}`), address } : {}),
    gateway: routes.find(isDefaultRoute)?.via,
    routes: routes.filter((route) => !isDefaultRoute(route)),
    dns: list(network, "dns_nameservers").map(String),
  };
}

/** Whether a route is the default one of its family. */
export function isDefaultRoute({ to }: { readonly to: string }): boolean {
  return to === "0.0.0.0/0" || to === "::/0";
}
