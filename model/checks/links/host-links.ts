import type { Host } from "../../config/schema";

/** An interface of a host inside the installed system, and its place in the stack file. */
export interface HostLink {
  readonly at: string;
  readonly kind: "link" | "bond" | "vlan";
  readonly name: string;
  readonly mtu: number | undefined;
}

/** Every interface that a host names: ports, bonds, VLANs, in the order in which they are made. */
export function linksOf(host: Host, i: number): readonly HostLink[] {
  const named = (
    kind: HostLink["kind"],
    key: string,
    entries: readonly { name: string; mtu?: number | undefined }[],
  ) => entries.map(({ name, mtu }, j) => ({ at: `hosts[${i}].${key}[${j}]`, kind, name, mtu }));
  return [
    ...named("link", "links", host.links),
    ...named("bond", "bonds", host.bonds),
    ...named("vlan", "vlans", host.vlans),
  ];
}

/** The interface that gets the node's address; undefined when the host names none. */
export function carrierOf(host: Host): string | undefined {
  return host.nodeLink ?? linksOf(host, 0).at(-1)?.name;
}
