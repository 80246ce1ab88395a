import type { Host } from "../../stack/schema";

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
