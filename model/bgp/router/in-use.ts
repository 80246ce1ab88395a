import { overlaps, parseAddress, parseCidr } from "../../net/addresses";
import type { Finding } from "../../findings/finding";
import { frrConfiguration } from "./frr";
import type { MergedRouter } from "./merge";
import { type PlacedLine, isOwn, ownNames, placedLines, settings } from "./running-configuration";

/** What else a running router does, and what our half would do to it. */
export interface RouterInUse {
  /** Peer groups and single neighbours that are not of our stacks. */
  readonly others: readonly string[];
  readonly findings: readonly Finding[];
}

/** Ids of what can stand in the way on a router in use. */
export const inUseRules = [
  {
    id: "router/running-asn",
    summary: "The router runs with the planned ASN.",
    why: "FRR refuses a second ASN: % BGP is already running",
  },
  {
    id: "router/running-listen-range",
    summary: "No other peer group of the router has an overlapping listen range.",
    why: "FRR assigns an address range to one peer group and refuses the second: % Same listen range is attached to peer-group",
  },
  {
    id: "router/running-neighbour",
    summary: "The router has no separate line for a node.",
    why: "a node's sessions follow the line with its address, not the planned peer group",
  },
  {
    id: "router/running-prefixes",
    summary: "Other neighbours of the router may not announce the cluster's addresses.",
    why: "others may announce the cluster's own addresses, and receive its traffic",
  },
  {
    id: "router/whole-router",
    summary: "The configuration does not affect other neighbours of the router.",
    why: "the line changes sessions or routes of neighbours outside the cluster",
  },
] as const;

type RuleId = (typeof inUseRules)[number]["id"];

/** Judges `show running-config` of a router against what our stacks plan for it; changes nothing. */
export function routerInUse(running: string, router: MergedRouter): RouterInUse {
  const lines = placedLines(running);
  const instance = lines.filter(({ block }) => block[0] === `router bgp ${router.asn}`);
  const others = otherNeighbours(instance, router);
  const finding = (
    id: RuleId,
    severity: Finding["severity"],
    problem: string,
    fix: string,
    line: string,
  ): Finding => ({ id, severity, at: `${router.name}: ${line}`, problem, fix });
  return {
    others,
    findings: [
      ...otherAsns(lines, router, finding),
      ...listenRanges(instance, router, finding),
      ...namedNodes(instance, router, finding),
      ...samePrefixes(lines, instance, router, finding),
      ...(others.length === 0 ? [] : wholeRouter(instance, router, others, finding)),
    ],
  };
}

type Make = (
  id: RuleId,
  severity: Finding["severity"],
  problem: string,
  fix: string,
  line: string,
) => Finding;

const neighbourLine = /^neighbor (\S+) (peer-group|remote-as|interface)\b ?(\S*)/;

function otherNeighbours(instance: readonly PlacedLine[], router: MergedRouter): readonly string[] {
  const ours = ownNames(instance, router);
  const names = instance.flatMap(({ block, line }) => {
    const name = block.length === 1 ? neighbourLine.exec(line)?.[1] : undefined;
    return name === undefined || isOwn(name, router) || ours.has(name) ? [] : [name];
  });
  return [...new Set(names)];
}

function otherAsns(lines: readonly PlacedLine[], router: MergedRouter, make: Make): readonly Finding[] {
  const asns = new Set(lines.flatMap(({ block }) => /^router bgp (\d+)$/.exec(block[0] ?? "")?.[1] ?? []));
  asns.delete(String(router.asn));
  return [...asns].map((asn) =>
    make(
      "router/running-asn",
      "error",
      `it runs as AS ${asn}, the stack has ${router.asn}`,
      `write asn: ${asn} for ${router.name}, or name another router`,
      `router bgp ${asn}`,
    ),
  );
}

function listenRanges(instance: readonly PlacedLine[], router: MergedRouter, make: Make): readonly Finding[] {
  const planned = router.groups.flatMap(({ name, listenRanges: own }) =>
    own.map((range) => ({ name, range })),
  );
  return instance.flatMap(({ line }) => {
    const [, range = "", group = ""] = /^bgp listen range (\S+) peer-group (\S+)/.exec(line) ?? [];
    if (range === "" || isOwn(group, router)) return [];
    return planned
      .filter(({ range: own }) => touches(range, own))
      .map(({ name, range: own }) =>
        make(
          "router/running-listen-range",
          "error",
          `the range overlaps ${own}, which ${name} needs; FRR keeps the first and refuses ours`,
          `take it off ${group} first (no ${line}), or leave listenRanges out of ${router.name}: then each node has a line of its own`,
          line,
        ),
      );
  });
}

function namedNodes(instance: readonly PlacedLine[], router: MergedRouter, make: Make): readonly Finding[] {
  const nodes = router.groups.flatMap(({ name: group, hosts }) =>
    hosts.flatMap(({ name, address }) => (address === undefined ? [] : [{ group, name, address }])),
  );
  return instance.flatMap(({ line, block }) => {
    const [, neighbour = "", word, value = ""] = block.length === 1 ? (neighbourLine.exec(line) ?? []) : [];
    const own = parseAddress(neighbour);
    if (own === undefined || (word === "peer-group" && isOwn(value, router))) return [];
    return nodes
      .filter(({ address }) => parseAddress(address)?.first === own.first)
      .slice(0, 1)
      .map(({ name, group }) =>
        make(
          "router/running-neighbour",
          "error",
          `this is the address of ${name}, which ${group} must hold`,
          `remove it first (no neighbor ${neighbour}): its sessions end with that`,
          line,
        ),
      );
  });
}

function samePrefixes(
  lines: readonly PlacedLine[],
  instance: readonly PlacedLine[],
  router: MergedRouter,
  make: Make,
): readonly Finding[] {
  const accepted = router.groups.flatMap(({ accept }) => accept.map(({ prefix }) => prefix));
  return instance.flatMap(({ line }) => {
    const [, who = "", kind = "", name = ""] =
      /^neighbor (\S+) (prefix-list|route-map) (\S+) in$/.exec(line) ?? [];
    if (who === "" || isOwn(who, router)) return [];
    const lists = kind === "prefix-list" ? [name] : listsOf(lines, name);
    const both = lists
      .flatMap((list) => permitted(lines, list))
      .flatMap((theirs) => accepted.filter((own) => touches(theirs, own)));
    if (both.length === 0) return [];
    return [
      make(
        "router/running-prefixes",
        "warning",
        `${who} may announce ${[...new Set(both)].join(", ")} too, which are the cluster's`,
        `remove them from ${lists.join(", ")}, unless ${who} is what this cluster replaces`,
        line,
      ),
    ];
  });
}

/** The prefix lists that a route map uses. */
function listsOf(lines: readonly PlacedLine[], map: string): readonly string[] {
  return lines
    .filter(({ block }) => block[0]?.split(" ")[1] === map && block[0].startsWith("route-map "))
    .flatMap(({ line }) => /^match ip(?:v6)? address prefix-list (\S+)/.exec(line)?.[1] ?? []);
}

/** The networks of a list; one that takes everything, such as a transit's, is not compared with ours. */
function permitted(lines: readonly PlacedLine[], list: string): readonly string[] {
  return lines
    .flatMap(({ line }) => {
      const [, name, network] =
        /^ip(?:v6)? prefix-list (\S+) (?:seq \d+ )?permit (\S+\/\d+)/.exec(line) ?? [];
      return name === list && network !== undefined ? [network] : [];
    })
    .filter((network) => (parseCidr(network)?.prefix ?? 0) > 0);
}

/** What a line of ours does to neighbours that are not ours, and how to do without it. */
const effects: readonly (readonly [line: RegExp, effect: string, without: string])[] = [
  [
    /^bgp ebgp-requires-policy$/,
    "eBGP neighbours without route maps or prefix lists lose all their routes, in and out",
    "leave it out on this router: the cluster's groups have route maps for both ways",
  ],
  [
    /^no bgp default ipv4-unicast$/,
    "neighbours that are not activated by a line of their own carry no IPv4 routes after the next restart",
    "leave it out on this router where the cluster's groups are IPv4, or activate the other neighbours first",
  ],
  [/^bgp router-id /, "every session of the router starts again", "write the running one as routerId"],
  [/^bgp cluster-id /, "every iBGP session of the router starts again", "write the running one as clusterId"],
  [
    /^bgp graceful-restart$/,
    "every session announces graceful restart once it is opened again",
    "leave it out with gracefulRestartSeconds: 0 of the peers",
  ],
  [
    /^bgp bestpath as-path multipath-relax$/,
    "paths through different ASNs share traffic for every prefix",
    "give all nodes one ASN",
  ],
  [/^maximum-paths /, "every prefix of the family may use as many paths", "check the other prefixes first"],
  [/^bgp listen limit /, "all dynamic neighbours together count", "write the larger of the two numbers"],
  [/^bgp log-neighbor-changes$/, "changes of every session are logged", "leave it out if that is too much"],
];

function wholeRouter(
  running: readonly PlacedLine[],
  router: MergedRouter,
  others: readonly string[],
  make: Make,
): readonly Finding[] {
  const global = ({ block, line }: PlacedLine) =>
    block[0]?.startsWith("router bgp") === true && settings.test(line);
  const planned = placedLines(frrConfiguration(router)).filter(global);
  const found = running.filter(global);
  const who = shortList(others);
  const changed = planned.flatMap((ours) => {
    const theirs = found.find((line) => subjectOf(line) === subjectOf(ours))?.line;
    if (theirs === ours.line) return [];
    const [, effect = "", without = ""] = effects.find(([form]) => form.test(ours.line)) ?? [];
    const now = theirs === undefined ? "does not run yet" : `runs as "${theirs}"`;
    return [
      make(
        "router/whole-router",
        "warning",
        `it acts on ${who} too, and ${now}: ${effect}`,
        without,
        ours.line,
      ),
    ];
  });
  const unplanned = found
    .filter((line) => !planned.some((ours) => subjectOf(ours) === subjectOf(line)))
    .map(({ line }) =>
      make(
        "router/whole-router",
        "warning",
        `it runs and is not planned: the comparison shows it as left over, and ${who} may need it`,
        "leave it; the cluster's groups work with it",
        line,
      ),
    );
  return [...changed, ...unplanned];
}

/** What a line is about, whatever its value: `no bgp x` and `bgp x`, `maximum-paths 3` and `maximum-paths 8`. */
function subjectOf({ block, line }: PlacedLine): string {
  return [...block.slice(1), line.replace(/^no /, "").replace(/ [\d.]+$/, "")].join(" / ");
}

function shortList(names: readonly string[]): string {
  return names.length <= 4
    ? names.join(", ")
    : `${names.slice(0, 3).join(", ")} and ${names.length - 3} more neighbours`;
}

function touches(a: string, b: string): boolean {
  const [one, other] = [parseCidr(a), parseCidr(b)];
  return one !== undefined && other !== undefined && overlaps(one, other);
}
