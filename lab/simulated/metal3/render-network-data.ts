import { field, list, number, text } from "../../../model/kubernetes/object";
import { fromPool, hostInterface, sourceObject, RenderError, type RenderSources } from "./render-meta-data";

/** CAPM3's networkData: OpenStack's network_data.json, which cloud-init reads. */
export function renderNetworkData(section: unknown, sources: RenderSources): Record<string, unknown> {
  return {
    links: links(field(section, "links"), sources),
    networks: networks(field(section, "networks"), sources),
    services: dns(field(section, "services"), sources),
  };
}

function links(section: unknown, sources: RenderSources): unknown[] {
  const named = (link: unknown) => {
    const name = text(link, "name");
    return { id: text(link, "id"), ...(name === undefined ? {} : { name }) };
  };
  const common = (link: unknown) => ({
    ...named(link),
    mtu: number(link, "mtu") ?? 1500,
    ethernet_mac_address: mac(field(link, "macAddress"), sources),
  });
  return [
    ...list(section, "ethernets").map((link) => ({ ...common(link), type: text(link, "type") ?? "phy" })),
    ...list(section, "bonds").map((link) => ({
      ...common(link),
      type: "bond",
      bond_mode: text(link, "bondMode"),
      bond_links: list(link, "bondLinks"),
      ...(text(link, "bondXmitHashPolicy") === undefined
        ? {}
        : { bond_xmit_hash_policy: text(link, "bondXmitHashPolicy") }),
    })),
    ...list(section, "vlans").map((link) => ({
      ...named(link),
      mtu: number(link, "mtu") ?? 1500,
      vlan_mac_address: mac(field(link, "macAddress"), sources),
      type: "vlan",
      vlan_id: number(link, "vlanID"),
      vlan_link: text(link, "vlanLink"),
    })),
  ];
}

function mac(address: unknown, sources: RenderSources): string {
  const literal = text(address, "string");
  if (literal !== undefined) return literal;
  const annotation = field(address, "fromAnnotation");
  if (annotation !== undefined) {
    const object = sourceObject(sources, text(annotation, "object"));
    const value = object.metadata.annotations?.[text(annotation, "annotation") ?? ""];
    if (value === undefined)
      throw new RenderError(`annotation "${text(annotation, "annotation") ?? ""}" not found`);
    return value;
  }
  return hostInterface(sources, text(address, "fromHostInterface"));
}

/** The pool that an address or gateway comes from, whichever way it is named. */
export function poolNameOf(entry: unknown, sources: RenderSources | undefined): string | undefined {
  const direct =
    text(entry, "ipAddressFromIPPool") ?? text(entry, "fromIPPool") ?? text(entry, "fromPoolRef", "name");
  if (direct !== undefined) return direct;
  const annotation = field(entry, "fromPoolAnnotation");
  if (annotation === undefined || sources === undefined) return undefined;
  const object = sourceObject(sources, text(annotation, "object"));
  return object.metadata.annotations?.[text(annotation, "annotation") ?? ""];
}

function networks(section: unknown, sources: RenderSources): unknown[] {
  const fixed = (family: "ipv4" | "ipv6") =>
    list(section, family).map((network) => {
      const from = fromPool(sources, poolNameOf(network, sources) ?? "");
      return {
        id: text(network, "id"),
        type: family,
        link: text(network, "link"),
        ip_address: from.address,
        netmask: family === "ipv4" ? netmask(from.prefix ?? 24) : (from.prefix ?? 64),
        routes: routes(network, sources),
      };
    });
  const dynamic = (name: string, type: string) =>
    list(section, name).map((network) => ({
      id: text(network, "id"),
      type,
      link: text(network, "link"),
      routes: routes(network, sources),
    }));
  return [
    ...fixed("ipv4"),
    ...fixed("ipv6"),
    ...dynamic("ipv4DHCP", "ipv4_dhcp"),
    ...dynamic("ipv6DHCP", "ipv6_dhcp"),
    ...dynamic("ipv6SLAAC", "ipv6_slaac"),
  ];
}

function routes(network: unknown, sources: RenderSources): unknown[] {
  return list(network, "routes").map((route) => {
    const gateway = field(route, "gateway");
    const pool = poolNameOf(gateway, sources);
    const prefix = number(route, "prefix") ?? 0;
    return {
      network: text(route, "network"),
      netmask: text(route, "network")?.includes(":") === true ? prefix : netmask(prefix),
      gateway: text(gateway, "string") ?? (pool === undefined ? undefined : fromPool(sources, pool).gateway),
      services: dns(field(route, "services"), sources),
    };
  });
}

function dns(section: unknown, sources: RenderSources): unknown[] {
  const pool = text(section, "dnsFromIPPool");
  const servers = [
    ...list(section, "dns"),
    ...(pool === undefined ? [] : fromPool(sources, pool).dnsServers),
  ];
  return servers.map((address) => ({ type: "dns", address }));
}

function netmask(prefix: number): string {
  const bits = prefix === 0 ? 0 : (0xffffffff << (32 - prefix)) >>> 0;
  return [24, 16, 8, 0].map((shift) => (bits >>> shift) & 0xff).join(".");
}

/** Every pool that a data template takes an address from, each once. */
export function poolsOf(template: unknown, sources: RenderSources | undefined): string[] {
  const meta = field(template, "spec", "metaData");
  const network = field(template, "spec", "networkData");
  const names = new Set<string>();
  const add = (name: string | undefined) => name !== undefined && names.add(name);
  for (const key of ["ipAddressesFromPool", "prefixesFromPool", "gatewaysFromPool", "dnsServersFromPool"]) {
    for (const entry of list(meta, key)) add(text(entry, "name"));
  }
  for (const family of ["ipv4", "ipv6", "ipv4DHCP", "ipv6DHCP", "ipv6SLAAC"]) {
    for (const entry of list(network, "networks", family)) {
      add(poolNameOf(entry, sources));
      for (const route of list(entry, "routes")) {
        add(poolNameOf(field(route, "gateway"), sources));
        add(text(route, "services", "dnsFromIPPool"));
      }
    }
  }
  add(text(network, "services", "dnsFromIPPool"));
  return [...names].sort();
}
