import { parse } from "yaml";
import { type KubernetesObject, defined, field, isMap, list, number, text } from "../kubernetes/object";
import { addressText, canonicalCidr, familyOf, parseAddress, parseCidr } from "../net/addresses";
import { type Inputs, named, textOfSecret } from "./inputs";

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

/** The network of a host: that of its Secret, else that of its machine's template; undefined where no input has it. */
export function hostNetwork(
  inputs: Inputs,
  host: KubernetesObject,
  template: KubernetesObject | undefined,
): HostNetwork | undefined {
  const secret = named(inputs, "Secret", text(host, "spec", "networkData", "name"));
  const written = textOfSecret(secret, "networkData");
  const data = written === undefined ? undefined : parsed(written);
  if (isMap(data)) return fromNetworkData(data);
  const templated = field(template, "spec", "networkData");
  return isMap(templated) ? fromTemplate(inputs, host, templated) : undefined;
}

function parsed(written: string): unknown {
  try {
    return parse(written, { maxAliasCount: 100, logLevel: "silent" }) as unknown;
  } catch {
    return undefined; // the comparison with the plan reports that the host's network is not known
  }
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
  const data = written === undefined ? undefined : parsed(written);
  if (!isMap(data)) return undefined;
  const { links, bonds, vlans, entries, dns } = fromNetworkData(data);
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
      Object.entries(data).map(([part, items]) => [
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
  const prefix = inline ?? prefixOf(field(network, "netmask"));
  const fixed = address !== undefined && address !== "";
  const routes = list(network, "routes").map((route) => ({
    to: `${text(route, "network") ?? ""}/${prefixOf(field(route, "netmask")) ?? ""}`,
    via: text(route, "gateway") ?? "",
  }));
  return {
    id: text(network, "id") ?? "",
    link,
    ...(fixed ? { cidr: canonicalCidr(`${address}/${prefix ?? ""}`), address } : {}),
    gateway: routes.find(isDefault)?.via,
    routes: routes.filter((route) => !isDefault(route)),
    dns: list(network, "dns_nameservers").map(String),
  };
}

function isDefault({ to }: { readonly to: string }): boolean {
  return to === "0.0.0.0/0" || to === "::/0";
}

/** The length of a netmask that is written as an address, or as a length. */
function prefixOf(mask: unknown): string | undefined {
  if (typeof mask === "number" || (typeof mask === "string" && /^\d+$/.test(mask))) return String(mask);
  const range = typeof mask === "string" ? parseAddress(mask) : undefined;
  return range === undefined ? undefined : String(range.first.toString(2).replace(/0+$/, "").length);
}

/** The network of a Metal3DataTemplate, for one of its hosts. */
function fromTemplate(
  inputs: Inputs,
  host: KubernetesObject,
  data: Readonly<Record<string, unknown>>,
): HostNetwork {
  const unknownPorts: string[] = [];
  const ethernets = list(data, "links", "ethernets");
  const name = (link: unknown) => text(link, "name") ?? text(link, "id") ?? "";
  const named = new Map(
    ["ethernets", "bonds", "vlans"].flatMap((kind) =>
      list(data, "links", kind).map((link) => [text(link, "id") ?? "", name(link)] as const),
    ),
  );
  const known = (id: unknown) => (typeof id === "string" ? (named.get(id) ?? id) : "");
  const mtu = (link: unknown) => defined({ mtu: number(link, "mtu") });
  const boot = text(host, "spec", "bootMACAddress") ?? "";
  const macOf = (link: unknown) => {
    const found = macOfPort(host, field(link, "macAddress"));
    if (found !== undefined) return found;
    if (ethernets.length === 1) return boot;
    unknownPorts.push(name(link));
    return "";
  };
  const [only] = ethernets;
  const unnamed =
    ethernets.length === 1 &&
    named.size === 1 &&
    text(only, "name") === undefined &&
    text(only, "id") === "nodes";
  return {
    links: unnamed ? [] : ethernets.map((link) => ({ name: name(link), mac: macOf(link), ...mtu(link) })),
    bonds: list(data, "links", "bonds").map((link) => ({
      name: name(link),
      mode: text(link, "bondMode"),
      links: list(link, "bondLinks").map(known),
      ...defined({ transmitHashPolicy: text(link, "bondXmitHashPolicy") }),
      ...mtu(link),
    })),
    vlans: list(data, "links", "vlans").map((link) => ({
      name: text(link, "name") ?? `${known(field(link, "vlanLink"))}.${String(number(link, "vlanID") ?? "")}`,
      id: number(link, "vlanID") ?? 0,
      link: known(field(link, "vlanLink")),
      ...mtu(link),
    })),
    entries: [
      ...["ipv4", "ipv6"].flatMap((family) =>
        list(data, "networks", family).map((network) =>
          pooledEntry(inputs, network, known(field(network, "link"))),
        ),
      ),
      ...["ipv4DHCP", "ipv6DHCP"].flatMap((kind) =>
        list(data, "networks", kind).map((network) => ({
          id: text(network, "id") ?? "",
          link: known(field(network, "link")),
          routes: [],
          dns: [],
        })),
      ),
    ],
    dns: [
      ...list(data, "services", "dns").map(String),
      ...dnsOfPool(inputs, text(data, "services", "dnsFromIPPool")),
    ],
    unknownPorts,
  };
}

function macOfPort(host: KubernetesObject, macAddress: unknown): string | undefined {
  const port = text(macAddress, "fromHostInterface");
  const annotation = text(macAddress, "fromAnnotation", "annotation");
  const found = list(host, "status", "hardware", "nics").find((nic) => text(nic, "name") === port);
  return (
    text(macAddress, "string") ??
    (annotation === undefined ? undefined : host.metadata.annotations?.[annotation]) ??
    text(found, "mac")
  );
}

function pooledEntry(inputs: Inputs, network: unknown, link: string): HostEntry {
  const pool = named(
    inputs,
    "IPPool",
    text(network, "ipAddressFromIPPool") ?? text(network, "fromPoolRef", "name"),
  );
  const [range] = list(pool, "spec", "pools");
  const prefix = number(range, "prefix") ?? number(pool, "spec", "prefix");
  const [start, end] = [text(range, "start"), text(range, "end") ?? text(range, "start")];
  const subnet = text(range, "subnet");
  const first = start ?? firstOf(subnet);
  const last = end ?? lastOf(subnet);
  const routes = list(network, "routes").map((route) => ({
    to: `${text(route, "network") ?? ""}/${String(number(route, "prefix") ?? "")}`,
    via: text(route, "gateway", "string") ?? "",
    isFromPool: field(route, "gateway", "fromIPPool") !== undefined,
  }));
  const gatewayOfPool = text(range, "gateway") ?? text(pool, "spec", "gateway");
  const outward = routes.find(isDefault);
  return {
    id: text(network, "id") ?? "",
    link,
    ...(first === undefined
      ? {}
      : { cidr: canonicalCidr(`${first}/${prefix ?? subnet?.split("/")[1] ?? ""}`) }),
    gateway: outward === undefined ? undefined : outward.isFromPool ? gatewayOfPool : outward.via,
    routes: routes
      .filter((route) => !isDefault(route) && !route.isFromPool)
      .map(({ to, via }) => ({ to, via })),
    dns: [],
    ...(first === undefined || last === undefined ? {} : { pool: { start: first, end: last } }),
  };
}

function dnsOfPool(inputs: Inputs, name: string | undefined): readonly string[] {
  const pool = named(inputs, "IPPool", name);
  const [range] = list(pool, "spec", "pools");
  const own = list(range, "dnsServers");
  return (own.length === 0 ? list(pool, "spec", "dnsServers") : own).map(String);
}

function firstOf(subnet: string | undefined): string | undefined {
  const range = rangeOf(subnet);
  return range === undefined ? undefined : addressText(range.family, range.first + 1n);
}

function lastOf(subnet: string | undefined): string | undefined {
  const range = rangeOf(subnet);
  return range === undefined
    ? undefined
    : addressText(range.family, range.last - (range.family === 4 ? 1n : 0n));
}

function rangeOf(subnet: string | undefined) {
  return subnet === undefined ? undefined : parseCidr(subnet);
}

/** Whether two texts are of one address family. */
export function sameFamily(a: string, b: string): boolean {
  return familyOf(a) === familyOf(b);
}
