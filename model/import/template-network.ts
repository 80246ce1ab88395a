import { type KubernetesObject, defined, field, list, number, text } from "../kubernetes/object";
import { addressText, canonicalCidr, firstAddressIn, parseCidr } from "../net/addresses";
import { type Inputs, named } from "./inputs";
import { type HostEntry, type HostNetwork, isDefaultRoute } from "./network-data";

/** The network of a Metal3DataTemplate, for one of its hosts. */
export function templateNetwork(
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
  const first = start ?? (subnet === undefined ? undefined : firstAddressIn(subnet));
  const last = end ?? lastOf(subnet);
  const routes = list(network, "routes").map((route) => ({
    to: `${text(route, "network") ?? ""}/${String(number(route, "prefix") ?? "")}`,
    via: text(route, "gateway", "string") ?? "",
    isFromPool: field(route, "gateway", "fromIPPool") !== undefined,
  }));
  const gatewayOfPool = text(range, "gateway") ?? text(pool, "spec", "gateway");
  const outward = routes.find(isDefaultRoute);
  return {
    id: text(network, "id") ?? "",
    link,
    ...(first === undefined
      ? {}
      : { cidr: canonicalCidr(`${first}/${prefix ?? subnet?.split("/")[1] ?? ""}`) }),
    gateway: outward === undefined ? undefined : outward.isFromPool ? gatewayOfPool : outward.via,
    routes: routes
      .filter((route) => !isDefaultRoute(route) && !route.isFromPool)
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

function lastOf(subnet: string | undefined): string | undefined {
  const range = subnet === undefined ? undefined : parseCidr(subnet);
  return range === undefined
    ? undefined
    : addressText(range.family, range.last - (range.family === 4 ? 1n : 0n));
}
