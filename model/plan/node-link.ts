import { additionalParts } from "../stack/host-networks";
import type { Host, Stack } from "../stack/schema";

/** An interface that a host names, and its place in the host's part of the stack file. */
export interface NamedLink {
  readonly kind: "link" | "bond" | "vlan";
  readonly at: string;
  readonly name: string;
  readonly mtu: number | undefined;
}

/** Every interface that a host names: ports, bonds, VLANs, in the order in which they are made. */
export function namedLinks(host: Host): readonly NamedLink[] {
  const named = (
    kind: NamedLink["kind"],
    key: string,
    entries: readonly { name: string; mtu?: number | undefined }[],
  ) => entries.map(({ name, mtu }, j) => ({ kind, at: `${key}[${j}]`, name, mtu }));
  return [
    ...named("link", "links", host.links),
    ...named("bond", "bonds", host.bonds),
    ...named("vlan", "vlans", host.vlans),
  ];
}

/**
 * The interface that carries the node's address: the one that the host names, else its last VLAN or bond, else the port
 * that boots. Undefined when the host names no interface.
 */
export function nodeLinkOf(host: Host): string | undefined {
  const { links, bonds, vlans } = host;
  return host.nodeLink ?? vlans.at(-1)?.name ?? bonds.at(-1)?.name ?? bootingPort(host) ?? links.at(-1)?.name;
}

/** The ports below an interface of a host, by name: itself, or those below its bond or VLAN. */
export function portsBelow(host: Host, name: string): readonly string[] {
  const vlan = host.vlans.find((each) => each.name === name);
  if (vlan !== undefined) return portsBelow({ ...host, vlans: [] }, vlan.link);
  const bond = host.bonds.find((each) => each.name === name);
  return bond === undefined
    ? host.links.filter((link) => link.name === name).map((link) => link.name)
    : bond.links;
}

/** The MAC address of an interface: of a port its own, of a bond its first port's, of a VLAN that of what carries it. */
export function macOf(host: Host, name: string): string {
  const [port] = portsBelow(host, name);
  return (host.links.find((link) => link.name === port)?.mac ?? host.mac).toLowerCase();
}

/**
 * A host with all interfaces that its machine gets: also the VLANs that its additional networks bring, each once. A VLAN
 * that the host declares itself stays as declared, and the node's address stays where it is without them.
 */
export function withNetworkVlans(stack: Stack, host: Host): Host {
  const vlans = new Map(host.vlans.map((vlan) => [vlan.name, vlan]));
  for (const { network, link, below } of additionalParts(stack, host)) {
    if (network.vlan === undefined || link === undefined || below === undefined || vlans.has(link)) continue;
    vlans.set(link, { name: link, id: network.vlan, link: below, mtu: network.mtu });
  }
  if (vlans.size === host.vlans.length) return host;
  return { ...host, vlans: [...vlans.values()], nodeLink: nodeLinkOf(host) };
}

/** The name of the port that boots; undefined where the host does not name it. */
export function bootingPort({ links, mac }: Host): string | undefined {
  return links.find((link) => link.mac.toLowerCase() === mac.toLowerCase())?.name;
}
