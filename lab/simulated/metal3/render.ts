import { stringify } from "yaml";
import type { LabContext } from "../../context";
import { clusterLabel, hostAnnotation, isOwnedBy, ownerOf, ownerReference } from "./association";
import { dataFinalizer } from "./machine-data";
import type { Store } from "../store";
import { type KubernetesObject, defined, field, list, number, text } from "../../../model/kubernetes/object";
import { netmaskOf } from "../../../model/net/addresses";
import { resources as types } from "../../../model/kubernetes/resources";

/** An address as IPAM gave it for one pool. */
interface PoolAddress {
  readonly address: string;
  readonly prefix?: number;
  readonly gateway?: string;
  readonly dnsServers: readonly string[];
}

/** The objects and addresses that a Metal3DataTemplate may refer to. */
export interface RenderSources {
  readonly machine: KubernetesObject;
  readonly metal3machine: KubernetesObject;
  readonly baremetalhost: KubernetesObject;
  readonly index: number;
  /** By pool name. */
  readonly addresses: ReadonlyMap<string, PoolAddress>;
}

/** A template that cannot be rendered: CAPM3 reports it in the Metal3Data's status and retries. */
export class RenderError extends Error {}

/** The object that a template's `object` field names. */
function sourceObject(sources: RenderSources, name: string | undefined): KubernetesObject {
  if (name === "machine" || name === "metal3machine" || name === "baremetalhost") return sources[name];
  throw new RenderError(`unknown object "${name ?? ""}"; write machine, metal3machine or baremetalhost`);
}

/** The address from a pool; throws when the pool gave none. */
function fromPool(sources: RenderSources, pool: string): PoolAddress {
  const address = sources.addresses.get(pool);
  if (address === undefined) throw new RenderError(`no address from pool "${pool}"`);
  return address;
}

/** The MAC of an interface that inspection found; `bootMAC` is the one the server boots from. */
function hostInterface(sources: RenderSources, name: string | undefined, bootMac = false): string {
  const nics = list(sources.baremetalhost, "status", "hardware", "nics");
  const found = bootMac
    ? text(sources.baremetalhost, "spec", "bootMACAddress")
    : text(
        nics.find((nic) => text(nic, "name") === name),
        "mac",
      );
  if (found === undefined) {
    const have = nics.map((nic) => text(nic, "name") ?? "").join(", ");
    throw new RenderError(`interface "${name ?? "(boot)"}" is not in the host's hardware; it has ${have}`);
  }
  return found;
}

/** CAPM3's metaData: a flat map of strings; `providerid` is always in it. */
export function renderMetaData(section: unknown, sources: RenderSources): Record<string, string> {
  const out: Record<string, string> = {};
  const each = (name: string, value: (entry: unknown) => string) => {
    for (const entry of list(section, name)) out[text(entry, "key") ?? ""] = value(entry);
  };
  const pool = (entry: unknown) => fromPool(sources, text(entry, "name") ?? "");
  each("strings", (entry) => text(entry, "value") ?? "");
  each("objectNames", (entry) => sourceObject(sources, text(entry, "object")).metadata.name);
  each("namespaces", () => sources.metal3machine.metadata.namespace ?? "");
  each("indexes", (entry) => {
    const value = (number(entry, "offset") ?? 0) + sources.index * (number(entry, "step") ?? 1);
    return `${text(entry, "prefix") ?? ""}${value}${text(entry, "suffix") ?? ""}`;
  });
  each("fromLabels", (entry) => {
    return sourceObject(sources, text(entry, "object")).metadata.labels?.[text(entry, "label") ?? ""] ?? "";
  });
  each("fromAnnotations", (entry) => {
    return (
      sourceObject(sources, text(entry, "object")).metadata.annotations?.[text(entry, "annotation") ?? ""] ??
      ""
    );
  });
  each("fromHostInterfaces", (entry) => {
    const bootMac = (entry as { fromBootMAC?: unknown }).fromBootMAC === true;
    return hostInterface(sources, text(entry, "interface"), bootMac);
  });
  each("ipAddressesFromPool", (entry) => pool(entry).address);
  each("prefixesFromPool", (entry) => String(pool(entry).prefix ?? ""));
  each("gatewaysFromPool", (entry) => pool(entry).gateway ?? "");
  each("dnsServersFromPool", (entry) => pool(entry).dnsServers.join(","));
  const { namespace, name } = sources.baremetalhost.metadata;
  out["providerid"] = `${namespace ?? ""}/${name}/${sources.metal3machine.metadata.name}`;
  return out;
}

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
function poolNameOf(entry: unknown, sources: RenderSources | undefined): string | undefined {
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
        netmask: family === "ipv4" ? netmaskOf(4, from.prefix ?? 24) : (from.prefix ?? 64),
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
      netmask: text(route, "network")?.includes(":") === true ? prefix : netmaskOf(4, prefix),
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

async function addressesFor(
  store: Store,
  data: KubernetesObject,
  pools: readonly string[],
): Promise<Map<string, PoolAddress> | undefined> {
  const { namespace } = data.metadata;
  const found = new Map<string, PoolAddress>();
  for (const pool of pools) {
    const name = `${data.metadata.name}-${pool}`;
    const claim =
      store.get(types.IPClaim, name, namespace) ??
      (await store.create(types.IPClaim, {
        apiVersion: types.IPClaim.apiVersion,
        kind: "IPClaim",
        metadata: {
          name,
          namespace: namespace ?? "",
          labels: data.metadata.labels ?? {},
          finalizers: [dataFinalizer],
          ownerReferences: [ownerReference(data)],
        },
        spec: { pool: { name: pool, namespace } },
      }));
    // Of data of that name before: it goes, and CAPM3 waits for that.
    if (!isOwnedBy(claim, data)) continue;
    const problem = text(claim, "status", "errorMessage");
    if (problem !== undefined && problem !== "") throw new RenderError(problem);
    const address = store.get(types.IPAddress, text(claim, "status", "address", "name"), namespace);
    if (address !== undefined) found.set(pool, poolAddress(address));
  }
  return found.size === pools.length ? found : undefined;
}

async function secret(
  store: Store,
  data: KubernetesObject,
  name: string,
  key: string,
  value: unknown,
): Promise<void> {
  await store.create(types.Secret, {
    apiVersion: "v1",
    kind: "Secret",
    metadata: {
      name,
      namespace: data.metadata.namespace ?? "",
      labels: { [clusterLabel]: data.metadata.labels?.[clusterLabel] ?? "" },
      ownerReferences: [ownerReference(data)],
    },
    type: "infrastructure.cluster.x-k8s.io/secret",
    data: { [key]: Buffer.from(stringify(value)).toString("base64") },
  });
}

/** Renders a Metal3Data's Secrets once all its addresses are there. Throws a RenderError for what cannot be rendered. */
export async function renderData(context: LabContext, store: Store, data: KubernetesObject): Promise<void> {
  const { namespace } = data.metadata;
  const metal3machine = store.get(types.Metal3Machine, text(data, "spec", "claim", "name"), namespace);
  const template = store.get(types.Metal3DataTemplate, text(data, "spec", "template", "name"), namespace);
  if (metal3machine === undefined || template === undefined) return;
  const machine = store.get(types.Machine, ownerOf(metal3machine, "Machine"), namespace);
  const [, hostName] = (metal3machine.metadata.annotations?.[hostAnnotation] ?? "").split("/");
  const baremetalhost = store.get(types.BareMetalHost, hostName, namespace);
  if (machine === undefined || baremetalhost === undefined) return;
  const index = number(data, "spec", "index") ?? 0;
  const sources: RenderSources = { machine, metal3machine, baremetalhost, index, addresses: new Map() };
  const addresses = await addressesFor(store, data, poolsOf(template, sources));
  if (addresses === undefined) return;
  const full = { ...sources, addresses };
  const spec: Record<string, unknown> = {};
  const base = metal3machine.metadata.name;
  const metaData = field(template, "spec", "metaData");
  if (metaData !== undefined) {
    await secret(store, data, `${base}-metadata`, "metaData", renderMetaData(metaData, full));
    spec["metaData"] = { name: `${base}-metadata`, namespace };
  }
  const networkData = field(template, "spec", "networkData");
  if (networkData !== undefined) {
    await secret(store, data, `${base}-networkdata`, "networkData", renderNetworkData(networkData, full));
    spec["networkData"] = { name: `${base}-networkdata`, namespace };
  }
  const written = Object.keys(spec).length === 0 ? data : await store.patch(types.Metal3Data, data, { spec });
  await store.patch(types.Metal3Data, written, { status: { ready: true, errorMessage: null } }, "status");
  context.log.record("metal3data-rendered", `Metal3Data/${data.metadata.name}`);
}

function poolAddress(address: KubernetesObject): PoolAddress {
  const prefix = number(address, "spec", "prefix");
  const gateway = text(address, "spec", "gateway");
  return {
    address: text(address, "spec", "address") ?? "",
    ...defined({ prefix, gateway }),
    dnsServers: list(address, "spec", "dnsServers").filter(
      (entry): entry is string => typeof entry === "string",
    ),
  };
}
