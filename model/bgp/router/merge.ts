import { overlaps, parseCidr } from "../../net/addresses";
import type { Finding } from "../../findings/finding";
import type { RouterShare } from "./router-share";

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
  const names = [...new Set(shares.map(({ router }) => router))].sort();
  const merged = names.map((name) => shares.filter(({ router }) => router === name));
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
    paths: Math.max(...all.map(({ paths }) => paths)),
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

/** FRR assigns a listen range, and a neighbour's address, to one peer group only; a prefix belongs to one cluster. */
function rivals(shares: readonly RouterShare[]): readonly Finding[] {
  const groups = shares.flatMap((share) => share.groups.map((group) => ({ share, group })));
  return groups.flatMap(({ group: a }, i) =>
    groups.slice(i + 1).flatMap(({ share, group: b }) => {
      const addresses = new Set(a.neighbours.map(({ address }) => address));
      const both = b.neighbours.filter(({ address }) => addresses.has(address));
      return [
        ...overlapping(a.listenRanges, b.listenRanges).map(([one, other]) =>
          finding(
            "router/listen-ranges-distinct",
            share,
            `listen range ${other} of ${b.name} overlaps ${one} of ${a.name}`,
            "give each cluster and peer a range of its own, or leave the ranges out: one line per host",
          ),
        ),
        ...(both.length === 0
          ? []
          : [
              finding(
                "router/neighbours-distinct",
                share,
                `${both.map(({ host, address }) => `${host} (${address})`).join(", ")} in ${a.name} and in ${b.name}`,
                "let each node peer with a router once per family",
              ),
            ]),
        ...(a.stack === b.stack
          ? []
          : overlapping(
              a.accept.map(({ prefix }) => prefix),
              b.accept.map(({ prefix }) => prefix),
            ).map(([one, other]) =>
              finding(
                "router/prefixes-disjoint",
                share,
                `${other} of ${b.stack} overlaps ${one} of ${a.stack}: one cluster could take the other's traffic`,
                "give each cluster pod networks and load balancer pools of its own",
              ),
            )),
      ];
    }),
  );
}

function overlapping(
  ours: readonly string[],
  theirs: readonly string[],
): readonly (readonly [string, string])[] {
  return ours.flatMap((one) =>
    theirs
      .filter((other) => {
        const [a, b] = [parseCidr(one), parseCidr(other)];
        return a !== undefined && b !== undefined && overlaps(a, b);
      })
      .map((other) => [one, other] as const),
  );
}

function sharedAddresses(shares: readonly RouterShare[]): readonly Finding[] {
  return shares.flatMap((share, i) =>
    shares
      .slice(0, i)
      .flatMap((earlier) =>
        earlier.router === share.router
          ? []
          : share.addresses
              .filter((address) => earlier.addresses.includes(address))
              .map((address) =>
                finding(
                  "router/name-agreed",
                  share,
                  `${address} is also an address of router ${earlier.router} in ${earlier.stack}`,
                  "give one router one name in all stack files",
                ),
              ),
      ),
  );
}
