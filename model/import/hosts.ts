import { bootsOverNetwork, parseBmcAddress } from "../stack/bmc";
import {
  controlPlanePool,
  hostFailureDomainLabel,
  nodeAddressAnnotation,
  poolLabel,
  secondaryAddressAnnotation,
} from "../kubernetes/labels";
import { type KubernetesObject, defined, field, selects, text } from "../kubernetes/object";
import { nodeLinkOf } from "../plan/node-link";
import { type Host } from "../stack/schema";
import { placeholderMac } from "../fleet/new-stack";
import { type HostEntry, type HostNetwork, hostNetwork, sameFamily } from "./host-network";
import { type Inputs, ofKind } from "./inputs";
import type { ImportedPool } from "./pools";
import type { Draft } from "./draft";

/** A host with its network, before it is written. */
interface ImportedHost {
  readonly object: KubernetesObject;
  readonly pool: string;
  readonly failureDomain: string | undefined;
  readonly network: HostNetwork | undefined;
  /** The networks of the node: one per family. */
  readonly node: readonly HostEntry[];
  readonly others: readonly HostEntry[];
}

/** The hosts, and the networks that they are in: `hosts` and part of `network` of the stack file. */
export function importHosts(
  inputs: Inputs,
  pools: readonly ImportedPool[],
  draft: Draft,
): { readonly hosts: readonly object[]; readonly network: Readonly<Record<string, unknown>> } {
  const objects = ofKind(inputs, "BareMetalHost");
  const poolOf = poolsOf(objects, pools, draft);
  const templates = new Set(pools.flatMap(({ dataTemplate }) => dataTemplate ?? []));
  for (const template of objects.length === 0 ? templates : []) {
    draft.note(template, "spec.networkData", "a network is that of hosts, and no input has a BareMetalHost");
  }
  const hosts = objects.map((object): ImportedHost => {
    const pool = poolOf.get(object) ?? controlPlanePool;
    const network = hostNetwork(inputs, object, pools.find(({ name }) => name === pool)?.dataTemplate);
    const failureDomain = object.metadata.labels?.[hostFailureDomainLabel];
    return { object, pool, failureDomain, network, ...partsOf(network?.entries ?? []) };
  });
  const first = hosts.find(({ node }) => node[0]?.cidr !== undefined);
  const primary = first?.node[0];
  const additional = additionalNetworks(hosts);
  const racks = racksOf(hosts, primary, draft);
  return {
    hosts: hosts.map((host, i) => hostOf(host, i, additional, draft)),
    network: {
      ...nodesOf(first?.node ?? [], hosts, draft),
      ...(first?.network === undefined || first.network.dns.length === 0 ? {} : { dns: first.network.dns }),
      ...installerOf(hosts),
      ...(racks.length === 0 ? {} : { racks }),
      ...(additional.length === 0 ? {} : { additional: additional.map(({ network }) => network) }),
    },
  };
}

/** Which pool a host is of: by the selector of the pool's machines, by who uses it, else in the order of the files. */
function poolsOf(
  objects: readonly KubernetesObject[],
  pools: readonly ImportedPool[],
  draft: Draft,
): ReadonlyMap<KubernetesObject, string> {
  const found = new Map<KubernetesObject, string>();
  const room = new Map(pools.map(({ name, replicas }) => [name, replicas]));
  const put = (object: KubernetesObject, pool: string) => {
    found.set(object, pool);
    room.set(pool, (room.get(pool) ?? 0) - 1);
  };
  for (const object of objects) {
    const { labels } = object.metadata;
    const consumer = text(object, "spec", "consumerRef", "name") ?? "";
    const own = pools.find(({ name }) => labels?.[poolLabel] === name);
    const using = pools.find(({ owner }) => consumer.startsWith(`${owner}-`));
    const selecting = pools.filter(
      ({ hostSelector }) => hostSelector !== undefined && selects(hostSelector, labels),
    );
    const pool = own ?? using ?? (selecting.length === 1 ? selecting[0] : undefined);
    if (pool !== undefined) put(object, pool.name);
  }
  for (const object of objects.filter((each) => !found.has(each))) {
    const pool = pools.find(({ name }) => (room.get(name) ?? 0) > 0) ?? pools.at(-1);
    if (pool === undefined) continue;
    put(object, pool.name);
    draft.note(
      object,
      "metadata.labels",
      `no selector says which machines use this host; it is now in the pool ${pool.name}`,
    );
  }
  return found;
}

/** The networks of the node are those on the interface with the default route, one per family; else on the first. */
function partsOf(entries: readonly HostEntry[]): Pick<ImportedHost, "node" | "others"> {
  const outward = entries.find(({ gateway }) => gateway !== undefined) ?? entries[0];
  if (outward === undefined) return { node: [], others: [] };
  const isOther = (entry: HostEntry) =>
    entry.link === outward.link &&
    entry.cidr !== undefined &&
    outward.cidr !== undefined &&
    !sameFamily(entry.cidr, outward.cidr);
  const second = entries.find(isOther);
  const node = [outward, ...(second === undefined ? [] : [second])];
  return { node, others: entries.filter((entry) => !node.includes(entry)) };
}

function nodesOf(
  node: readonly HostEntry[],
  hosts: readonly ImportedHost[],
  draft: Draft,
): Readonly<Record<string, unknown>> {
  const [primary, second] = node;
  if (primary?.cidr === undefined) {
    const nodes = draft.networkOfEndpoint();
    draft.yours(
      "network",
      `nodes: no input says in which network the nodes are; ${nodes} is around the endpoint`,
    );
    return { nodes };
  }
  const routes = [...primary.routes, ...(second?.routes ?? [])];
  // Hosts of which only some have an address of their own would be planned with DHCP.
  const pooled = hosts.some(({ node: [own] }) => own?.pool !== undefined);
  return {
    nodes: primary.cidr,
    ...defined({ gateway: primary.gateway, addressPool: pooled ? primary.pool : undefined }),
    ...(second?.cidr === undefined
      ? {}
      : {
          secondary: {
            nodes: second.cidr,
            ...defined({ gateway: second.gateway, addressPool: pooled ? second.pool : undefined }),
          },
        }),
    ...(routes.length === 0 ? {} : { routes }),
  };
}

/** Node networks other than the first host's, each of one failure domain. */
function racksOf(
  hosts: readonly ImportedHost[],
  primary: HostEntry | undefined,
  draft: Draft,
): readonly Readonly<Record<string, unknown>>[] {
  const racks = new Map<string, Readonly<Record<string, unknown>>>();
  for (const { object, failureDomain, network, node } of hosts) {
    const [own, second] = node;
    if (own?.cidr === undefined || own.cidr === primary?.cidr) continue;
    if (failureDomain === undefined) {
      draft.note(
        object,
        "spec.networkData",
        `the host is in ${own.cidr} and names no failure domain; without one a host is in network.nodes`,
      );
      continue;
    }
    const routes = [...own.routes, ...(second?.routes ?? [])];
    racks.set(failureDomain, {
      failureDomain,
      nodes: own.cidr,
      ...defined({ gateway: own.gateway }),
      ...(network === undefined || network.dns.length === 0 ? {} : { dns: network.dns }),
      ...(routes.length === 0 ? {} : { routes }),
      ...(second?.cidr === undefined
        ? {}
        : { secondary: { nodes: second.cidr, ...defined({ gateway: second.gateway }) } }),
    });
  }
  return [...racks.values()];
}

interface Additional {
  readonly cidrs: readonly string[];
  readonly network: Readonly<Record<string, unknown>> & { readonly name: string; readonly link: string };
}

function additionalNetworks(hosts: readonly ImportedHost[]): readonly Additional[] {
  const byName = new Map<string, HostEntry[]>();
  for (const entry of hosts.flatMap(({ others }) => others)) {
    if (entry.cidr === undefined) continue;
    const name = nameOf(entry);
    const known = byName.get(name) ?? [];
    if (!known.some(({ cidr }) => cidr === entry.cidr)) known.push(entry);
    byName.set(name, known);
  }
  return [...byName].map(([name, entries]) => {
    const of = <T>(each: (entry: HostEntry) => T | undefined) =>
      entries.flatMap((entry) => each(entry) ?? []);
    const [gateways, dns, routes, addressPools] = [
      of(({ gateway }) => gateway),
      entries.flatMap((entry) => entry.dns),
      entries.flatMap((entry) => entry.routes),
      of(({ pool }) => pool),
    ];
    const cidrs = of(({ cidr }) => cidr);
    return {
      cidrs,
      network: {
        name,
        cidrs,
        link: entries[0]?.link ?? "",
        ...(gateways.length === 0 ? {} : { gateways }),
        ...(dns.length === 0 ? {} : { dns }),
        ...(routes.length === 0 ? {} : { routes }),
        ...(addressPools.length === 0 ? {} : { addressPools }),
      },
    };
  });
}

/** `storage` for the networks `storage` and `storage-secondary`. */
function nameOf({ id }: HostEntry): string {
  return id
    .toLowerCase()
    .replace(/-secondary$/, "")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
}

/** Static where each host that boots by virtual media gives its own network to the installer. */
function installerOf(hosts: readonly ImportedHost[]): Readonly<Record<string, string>> {
  const booting = hosts.filter(({ object }) => !bootsOverNetwork(bmcOf(object)));
  if (booting.length === 0) return {};
  return { installer: booting.every(({ object }) => hasOwnInstaller(object)) ? "static" : "dhcp" };
}

function hasOwnInstaller(host: KubernetesObject): boolean {
  const name = text(host, "spec", "preprovisioningNetworkDataName");
  const own = [text(host, "spec", "networkData", "name"), `${host.metadata.name}-installer-network`];
  return name !== undefined && own.includes(name);
}

function bmcOf(host: KubernetesObject): string {
  return text(host, "spec", "bmc", "address") ?? "";
}

function hostOf(
  { object, pool, failureDomain, network, node, others }: ImportedHost,
  index: number,
  additional: readonly Additional[],
  draft: Draft,
): object {
  const { name, annotations = {} } = object.metadata;
  const spec = (...path: readonly string[]) => field(object, "spec", ...path);
  const mac = text(object, "spec", "bootMACAddress") ?? "";
  const installer = text(object, "spec", "preprovisioningNetworkDataName");
  const [primary, second] = node;
  const [taken] =
    network?.links.some((link) => link.mac.toLowerCase() === mac.toLowerCase()) === true
      ? []
      : (network?.unknownPorts ?? []);
  const links = (network?.links ?? []).map((link, j) => ({
    ...link,
    mac: link.mac !== "" ? link.mac : link.name === taken ? mac : placeholderMac(`${name} ${link.name}`, j),
  }));
  for (const port of network?.unknownPorts ?? []) {
    const what = port === taken ? "taken for that of the port that boots" : "a placeholder";
    draft.yours("hosts", `the MAC address of port ${port} of ${name} is ${what}: no input says it`);
    draft.note(
      object,
      "status.hardware.nics",
      `no input says the MAC address of port ${port}; in hosts[${index}].links it is ${what}`,
    );
  }
  if (mac === "") draft.yours("hosts", `mac of ${name} is a placeholder: the host names none`);
  const { bonds = [], vlans = [] } = network ?? {};
  const boot = mac === "" ? placeholderMac(name, index) : mac;
  const implied = nodeLinkOf({ links, bonds, vlans, mac: boot } as unknown as Host);
  const networks = networksOf(others, additional);
  return {
    name,
    pool,
    ...defined({ failureDomain }),
    mac: boot,
    ...defined({
      address: primary?.address ?? annotations[nodeAddressAnnotation],
      secondaryAddress: second?.address ?? annotations[secondaryAddressAnnotation],
    }),
    bmc: bmcPart(object, draft),
    ...(links.length === 0 ? {} : { links }),
    ...(bonds.length === 0 ? {} : { bonds }),
    ...(vlans.length === 0 ? {} : { vlans }),
    ...(primary === undefined || links.length === 0 || primary.link === implied
      ? {}
      : { nodeLink: primary.link }),
    ...(networks.length === 0 ? {} : { networks }),
    ...defined({
      bootMode: spec("bootMode") === "UEFI" ? undefined : spec("bootMode"),
      cleaning: spec("automatedCleaningMode") === "metadata" ? undefined : spec("automatedCleaningMode"),
      rootDeviceHints: spec("rootDeviceHints"),
      raid: spec("raid"),
      architecture: spec("architecture"),
      description: spec("description"),
      preprovisioningNetworkDataName:
        installer === undefined || hasOwnInstaller(object) ? undefined : installer,
    }),
    ...labelsOf(object),
  };
}

function networksOf(others: readonly HostEntry[], additional: readonly Additional[]): readonly object[] {
  return additional.flatMap(({ network }) => {
    const own = others.filter((entry) => entry.cidr !== undefined && nameOf(entry) === network.name);
    const [first] = own;
    if (first === undefined) return [];
    const addresses = own.flatMap(({ address }) => address ?? []);
    return [
      {
        name: network.name,
        ...(first.link === network.link ? {} : { link: first.link }),
        ...(addresses.length === 0 ? {} : { addresses }),
      },
    ];
  });
}

/** The BMC without a login: neither one in its address, nor that of its Secret. */
function bmcPart(object: KubernetesObject, draft: Draft): object {
  const { name } = object.metadata;
  const address = bmcOf(object);
  if (address === "") draft.yours("hosts", `bmc.address of ${name} is a placeholder: the host names none`);
  if (parseBmcAddress(address)?.login === true) {
    draft.note(
      object,
      "spec.bmc.address",
      "the login in it is a secret and is not carried over; the BMC's login comes from a Secret",
    );
  }
  const insecure = field(object, "spec", "bmc", "disableCertificateVerification") === true;
  return {
    address:
      address === ""
        ? `redfish-virtualmedia://${name}.invalid/redfish/v1/Systems/1`
        : address.replace(/\/\/[^/]*@/, "//"),
    ...(insecure ? { verifyCertificate: false } : {}),
    ...draft.login(object),
  };
}

/** Labels of the owner; ours, and those that controllers write, are made again. */
function labelsOf({ metadata }: KubernetesObject): object {
  const own = Object.entries(metadata.labels ?? {}).filter(
    ([key]) =>
      !key.startsWith("metal.internal/") &&
      key !== hostFailureDomainLabel &&
      !/cluster\.x-k8s\.io\//.test(key),
  );
  return own.length === 0 ? {} : { labels: Object.fromEntries(own) };
}
