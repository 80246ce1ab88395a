import { bootsOverNetwork } from "../stack/bmc";
import { type KubernetesObject, defined, field, isMap, text } from "../kubernetes/object";
import { familyOf } from "../net/addresses";
import type { Draft } from "./draft";
import { type Inputs, named, textOfSecret } from "./inputs";
import { type HostEntry, type HostNetwork, readNetworkData } from "./network-data";
import { templateNetwork } from "./template-network";

/** A host with its network, before it is written. */
export interface ImportedHost {
  readonly object: KubernetesObject;
  readonly pool: string;
  readonly failureDomain: string | undefined;
  readonly network: HostNetwork | undefined;
  /** The networks of the node: one per family. */
  readonly node: readonly HostEntry[];
  readonly others: readonly HostEntry[];
}

/** The network of a host: that of its Secret, else that of its machine's template; undefined where no input has it. */
export function hostNetwork(
  inputs: Inputs,
  host: KubernetesObject,
  template: KubernetesObject | undefined,
): HostNetwork | undefined {
  const secret = named(inputs, "Secret", text(host, "spec", "networkData", "name"));
  const templated = field(template, "spec", "networkData");
  return (
    readNetworkData(textOfSecret(secret, "networkData")) ??
    (isMap(templated) ? templateNetwork(inputs, host, templated) : undefined)
  );
}

/** The networks of the node are those on the interface with the default route, one per family; else on the first. */
export function partsOf(entries: readonly HostEntry[]): Pick<ImportedHost, "node" | "others"> {
  const outward = entries.find(({ gateway }) => gateway !== undefined) ?? entries[0];
  if (outward === undefined) return { node: [], others: [] };
  const isOther = (entry: HostEntry) =>
    entry.link === outward.link &&
    entry.cidr !== undefined &&
    outward.cidr !== undefined &&
    familyOf(entry.cidr) !== familyOf(outward.cidr);
  const second = entries.find(isOther);
  const node = [outward, ...(second === undefined ? [] : [second])];
  return { node, others: entries.filter((entry) => !node.includes(entry)) };
}

/** `network` of the stack file, as far as hosts say it. */
export function networkOfHosts(
  hosts: readonly ImportedHost[],
  additional: readonly Additional[],
  draft: Draft,
): Readonly<Record<string, unknown>> {
  const first = hosts.find(({ node }) => node[0]?.cidr !== undefined);
  const racks = racksOf(hosts, first?.node[0], draft);
  return {
    ...nodesOf(first?.node ?? [], hosts, draft),
    ...(first?.network === undefined || first.network.dns.length === 0 ? {} : { dns: first.network.dns }),
    ...installerOf(hosts),
    ...(racks.length === 0 ? {} : { racks }),
    ...(additional.length === 0 ? {} : { additional: additional.map(({ network }) => network) }),
  };
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
  const pooled = hosts.find(({ node: [own] }) => own?.pool !== undefined && own.cidr === primary.cidr)?.node;
  return {
    nodes: primary.cidr,
    ...defined({ gateway: primary.gateway, addressPool: pooled?.[0]?.pool }),
    ...(second?.cidr === undefined
      ? {}
      : {
          secondary: {
            nodes: second.cidr,
            ...defined({ gateway: second.gateway, addressPool: pooled?.[1]?.pool }),
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

/** A network of `network.additional`. */
export interface Additional {
  readonly cidrs: readonly string[];
  readonly network: Readonly<Record<string, unknown>> & { readonly name: string; readonly link: string };
}

/** The networks that are not the nodes', each once. */
export function additionalNetworks(hosts: readonly ImportedHost[]): readonly Additional[] {
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

/** Whether a host gives its own network to the installer. */
export function hasOwnInstaller(host: KubernetesObject): boolean {
  const name = text(host, "spec", "preprovisioningNetworkDataName");
  const own = [text(host, "spec", "networkData", "name"), `${host.metadata.name}-installer-network`];
  return name !== undefined && own.includes(name);
}

/** The address of a host's BMC; empty where it has none. */
export function bmcOf(host: KubernetesObject): string {
  return text(host, "spec", "bmc", "address") ?? "";
}

/** A host's part of the additional networks. */
export function networksOf(
  others: readonly HostEntry[],
  additional: readonly Additional[],
): readonly object[] {
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
