import { parseCidr } from "../../net/addresses";
import { overlappingNetworks } from "../../net/overlaps";
import type { Finding } from "../../findings/finding";
import { listed } from "../../text/wording";
import type { RouterGroup, RouterShare } from "./router-share";
import { greatest } from "../../text/numbers";

/** One router with everything that its stacks require of it. */
export interface MergedRouter extends Omit<RouterShare, "router" | "stack" | "description"> {
  readonly name: string;
  readonly stacks: readonly string[];
}

/** The routers of several stacks, each once, by name; and whatever the stacks do not agree on. */
export function mergeRouters(shares: readonly RouterShare[]): {
  readonly routers: readonly MergedRouter[];
  readonly findings: readonly Finding[];
} {
  const byName = new Map<string, RouterShare[]>();
  for (const share of shares) add(byName, share.router, share);
  const merged = [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, same]) => same);
  return {
    routers: merged.flatMap(([first, ...others]) => (first === undefined ? [] : [oneRouter(first, others)])),
    findings: [...merged.flatMap(disagreements), ...merged.flatMap(rivals), ...sharedAddresses(shares)],
  };
}

function oneRouter(first: RouterShare, others: readonly RouterShare[]): MergedRouter {
  const all = [first, ...others];
  const { router: name, asn, addresses, port } = first;
  const given = <Key extends "routerId" | "clusterId" | "management">(key: Key) => {
    const value = all.find((share) => share[key] !== undefined)?.[key];
    return value === undefined ? {} : { [key]: value };
  };
  return {
    name,
    stacks: [...new Set(all.map(({ stack }) => stack))].sort(),
    asn,
    addresses,
    port,
    ...given("routerId"),
    ...given("clusterId"),
    ...given("management"),
    groups: all.flatMap(({ groups }) => groups).sort((a, b) => (a.name < b.name ? -1 : 1)),
    paths: greatest(all.map(({ paths }) => paths)),
  };
}

function finding(id: string, share: RouterShare, problem: string, fix: string): Finding {
  return { id, severity: "error", at: `${share.stack}: bgp.routers.${share.router}`, problem, fix };
}

function disagreements([first, ...others]: readonly RouterShare[]): readonly Finding[] {
  if (first === undefined) return [];
  const facts = ["asn", "addresses", "port", "routerId", "clusterId"] as const;
  return others.flatMap((other) =>
    facts
      .filter((fact) => JSON.stringify(first[fact]) !== JSON.stringify(other[fact]))
      .map((fact) =>
        finding(
          fact === "asn" ? "router/asn-agreed" : "router/facts-agreed",
          other,
          `${fact} ${JSON.stringify(other[fact] ?? null)}, but ${first.stack} has ${JSON.stringify(first[fact] ?? null)}`,
          "write the same in both stack files, or give two routers two names",
        ),
      ),
  );
}

/** Ids of findings about peer groups of one router that claim the same range or neighbour. */
export const peerGroupRules: readonly string[] = [
  "router/listen-ranges-distinct",
  "router/neighbours-distinct",
];

/** A group with the share that it belongs to. */
interface Claimant {
  readonly share: RouterShare;
  readonly group: RouterGroup;
}

/** FRR assigns a listen range, and a neighbour's address, to one peer group only; a prefix belongs to one cluster. */
function rivals(shares: readonly RouterShare[]): readonly Finding[] {
  const claimants = shares.flatMap((share) => share.groups.map((group) => ({ share, group })));
  return [
    ...overlapping(claimants, ({ listenRanges }) => listenRanges)
      .filter(([one, other]) => one.group !== other.group)
      .map(([one, other]) =>
        finding(
          "router/listen-ranges-distinct",
          other.share,
          `listen range ${listed([...new Set(other.networks)])} of ${other.group.name} overlaps ${listed([...new Set(one.networks)])} of ${one.group.name}`,
          "give each cluster and peer a range of its own, or leave the ranges out: one line per host",
        ),
      ),
    ...sharedNeighbours(claimants),
    ...overlapping(claimants, ({ accept }) => accept.map(({ prefix }) => prefix))
      .filter(([one, other]) => one.group.stack !== other.group.stack)
      .map(([one, other]) =>
        finding(
          "router/prefixes-disjoint",
          other.share,
          `${listed([...new Set(other.networks)])} of ${other.group.stack} overlaps ${listed([...new Set(one.networks)])} of ${one.group.stack}: one cluster could take the other's traffic`,
          "give each cluster pod networks and load balancer pools of its own",
        ),
      ),
  ];
}

/** Neighbours that an earlier group has as well: each with the first that has it, one finding for two groups. */
function sharedNeighbours(claimants: readonly Claimant[]): readonly Finding[] {
  const owners = new Map<string, RouterGroup>();
  return claimants.flatMap(({ share, group }) => {
    const shared = new Map<RouterGroup, string[]>();
    for (const { host, address } of group.neighbours) {
      const owner = owners.get(address);
      if (owner === undefined) owners.set(address, group);
      // Two programs of one node are another mistake, which bgp/one-speaker-per-router reports.
      else if (owner !== group && (owner.stack !== group.stack || owner.speaker === group.speaker))
        add(shared, owner, `${host} (${address})`);
    }
    return [...shared].map(([owner, both]) =>
      finding(
        "router/neighbours-distinct",
        share,
        `${listed(both)} in ${owner.name} and in ${group.name}`,
        "let each node peer with a router once per family",
      ),
    );
  });
}

function add<Key, Value>(lists: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

/** One of two groups whose networks overlap, with those of its networks that do. */
interface Overlapping extends Claimant {
  readonly networks: string[];
}

/** Groups whose networks overlap, each pair once. */
function overlapping(
  claimants: readonly Claimant[],
  networksOf: (group: RouterGroup) => readonly string[],
): readonly (readonly [one: Overlapping, other: Overlapping])[] {
  const networks = claimants.flatMap((claimant) =>
    networksOf(claimant.group).flatMap((text) => {
      const range = parseCidr(text);
      return range === undefined ? [] : [{ claimant, text, range }];
    }),
  );
  const pairs = new Map<RouterGroup, Map<RouterGroup, readonly [Overlapping, Overlapping]>>();
  for (const [one, other] of overlappingNetworks(networks)) {
    const ofOther =
      pairs.get(other.claimant.group) ?? new Map<RouterGroup, readonly [Overlapping, Overlapping]>();
    pairs.set(other.claimant.group, ofOther);
    const pair = ofOther.get(one.claimant.group) ?? [
      { ...one.claimant, networks: [] },
      { ...other.claimant, networks: [] },
    ];
    ofOther.set(one.claimant.group, pair);
    pair[0].networks.push(one.text);
    pair[1].networks.push(other.text);
  }
  return [...pairs.values()].flatMap((ofOther) => [...ofOther.values()]);
}

/** An address that two routers of different names have: one router with two names. */
function sharedAddresses(shares: readonly RouterShare[]): readonly Finding[] {
  const owners = new Map<string, RouterShare>();
  return shares.flatMap((share) =>
    share.addresses.flatMap((address) => {
      const earlier = owners.get(address);
      if (earlier === undefined) owners.set(address, share);
      if (earlier === undefined || earlier.router === share.router) return [];
      return [
        finding(
          "router/name-agreed",
          share,
          `${address} is also an address of router ${earlier.router} in ${earlier.stack}`,
          "give one router one name in all stack files",
        ),
      ];
    }),
  );
}
