import type { Host } from "../../stack/schema";
import { addressingOf } from "../../stack/addressing";
import { type NamedLink, namedLinks, nodeLinkOf } from "../../plan/node-link";
import { listed } from "../../text/wording";
import { type Check, defineCheck, duplicates } from "../check";

type Bond = Host["bonds"][number];

/** What a host's links and bonds are found by. */
interface LinksByName {
  /** Places of ports in the host's list, by name; the first of each. */
  readonly ports: ReadonlyMap<string, number>;
  /** Places of bonds, by name; the first of each. */
  readonly bonds: ReadonlyMap<string, number>;
  /** The bond that a port is a member of; the first, where a stack file has two. */
  readonly bondOf: ReadonlyMap<string, Bond>;
}

/** The links of a host by their names. Each VLAN and each member of a bond is looked up, and a host does not change. */
export function linksByName(host: Host): LinksByName {
  const before = known.get(host);
  if (before !== undefined) return before;
  const places = (entries: readonly { readonly name: string }[]) => {
    const first = new Map<string, number>();
    for (const [place, { name }] of entries.entries()) if (!first.has(name)) first.set(name, place);
    return first;
  };
  const found = {
    ports: places(host.links),
    bonds: places(host.bonds),
    bondOf: new Map(
      host.bonds.toReversed().flatMap((bond) => bond.links.map((name) => [name, bond] as const)),
    ),
  };
  known.set(host, found);
  return found;
}

const known = new WeakMap<Host, LinksByName>();

/** Every interface that a host names, each with its place in the stack file. */
export function linksOf(host: Host, i: number): readonly NamedLink[] {
  return namedLinks(host).map((link) => ({ ...link, at: `hosts[${i}].${link.at}` }));
}

/** The MTU of an interface without a setting. */
const defaultMtu = 1500;

/** Checks of the interfaces of hosts, and of the one that carries the node's address. */
export const interfaceChecks: readonly Check[] = [
  defineCheck({
    id: "links/names-unique",
    summary: "Every interface of a host has a distinct name.",
    why: "two interfaces with the same name are one, and the machine boots without a network",
    run: ({ hosts }) =>
      hosts.flatMap((host, i) =>
        duplicates(
          linksOf(host, i).map(({ name: text, at }) => ({ text, at: `${at}.name` })),
          "give each interface of a host its own name",
        ),
      ),
  }),
  defineCheck({
    id: "links/mtu-fits-below",
    summary: "No bond or VLAN has a larger MTU than the interface below it.",
    why: "packets larger than the interface below accepts are dropped: small requests work, image pulls and joins hang",
    run: ({ hosts }) => hosts.flatMap((host, i) => [...bonds(host, i), ...vlans(host, i)]),
  }),
  defineCheck({
    id: "links/node-link-exists",
    summary: "The node link is a link, bond or VLAN of the host.",
    why: "no interface gets the node's address, and the machine never joins",
    run: ({ hosts }) =>
      hosts.flatMap((host, i) => {
        const names = linksOf(host, i).map(({ name }) => name);
        if (host.nodeLink === undefined || names.includes(host.nodeLink)) return [];
        return {
          at: `hosts[${i}].nodeLink`,
          problem: `"${host.nodeLink}" is not a link, bond or VLAN of ${host.name}`,
          fix:
            names.length === 0 ? `add it to hosts[${i}].links, or remove nodeLink` : `use ${listed(names)}`,
        };
      }),
  }),
  defineCheck({
    id: "links/node-link-chosen",
    summary: "A host with several ports or VLANs states which one carries the node's address.",
    why: "by default the boot port carries the node's address, or the last of several VLANs: that may be the storage network",
    run: (stack) =>
      stack.hosts.flatMap((host, i) => {
        const sideBySide = host.links.length > 1 && host.bonds.length === 0 && host.vlans.length === 0;
        const severalVlans = host.vlans.length > 1;
        if (host.nodeLink !== undefined || addressingOf(stack, host.pool) !== "fixed") return [];
        if (!sideBySide && !severalVlans) return [];
        const choices = listed((severalVlans ? host.vlans : host.links).map(({ name }) => name));
        return {
          at: `hosts[${i}].nodeLink`,
          problem: `${host.name} has ${choices}, and it is not stated which of them carries ${host.address}`,
          fix: `add nodeLink: ${nodeLinkOf(host)}, or another of them`,
        };
      }),
  }),
  defineCheck({
    id: "links/node-link-outside-bond",
    summary: "The node link is not a member of a bond.",
    why: "an address on a bond's member port does not answer",
    run: ({ hosts }) =>
      hosts.flatMap((host, i) => {
        const carrier = nodeLinkOf(host) ?? "";
        const bond = linksByName(host).bondOf.get(carrier);
        if (bond === undefined) return [];
        return {
          at: `hosts[${i}].nodeLink`,
          problem: `"${carrier}" is a member of ${bond.name}`,
          fix: `write ${bond.name}`,
        };
      }),
  }),
];

function bonds(host: Host, i: number) {
  const { ports } = linksByName(host);
  return host.bonds.flatMap(({ name, links, mtu = defaultMtu }, j) =>
    [...new Set(links)]
      .flatMap((member) => ports.get(member) ?? [])
      .sort((a, b) => a - b)
      .flatMap((place) => host.links[place] ?? [])
      .filter((link) => (link.mtu ?? defaultMtu) < mtu)
      .map((link) => tooLarge(`hosts[${i}].bonds[${j}].mtu`, name, mtu, link.name, link.mtu ?? defaultMtu)),
  );
}

function vlans(host: Host, i: number) {
  const { ports, bonds: bondPlaces } = linksByName(host);
  return host.vlans.flatMap(({ name, link, mtu = defaultMtu }, j) =>
    [host.links[ports.get(link) ?? -1], host.bonds[bondPlaces.get(link) ?? -1]]
      .filter((below) => below !== undefined)
      .filter((below) => (below.mtu ?? defaultMtu) < mtu)
      .map((below) =>
        tooLarge(`hosts[${i}].vlans[${j}].mtu`, name, mtu, below.name, below.mtu ?? defaultMtu),
      ),
  );
}

function tooLarge(at: string, name: string, mtu: number, below: string, most: number) {
  return {
    at,
    problem: `${mtu} of ${name} is more than the ${most} of ${below}, the interface below`,
    fix: `write at most ${most}, or mtu: ${mtu} for ${below}`,
  };
}
