import { type Family, allFamilies } from "../../net/addresses";
import type { PrefixRule } from "../prefixes";
import { frr, frrAddress, frrDescription, frrName, frrNetwork, frrNumber, frrPassword } from "./frr-line";
import { type MergedRouter, mergeRouters } from "./merge";
import type { RouterGroup, RouterShare } from "./router-share";

/** FRR takes no more paths than it was built for; Debian's takes 256. */
const mostPaths = 64;
/** How many nodes FRR accepts through listen ranges by default. */
const usualListenLimit = 100;

/** Gives the password of a group; a placeholder unless secrets were requested. */
export type PasswordOf = (group: RouterGroup) => string;

/** Placeholder of a password; a session with it stays down, which is the safe side. */
export const placeholder: PasswordOf = ({ stack, peer }) => `<password-of-${stack}/${peer}>`;

/** FRR configurations by router name, for the stacks whose shares are given. */
export function routerConfigurations(
  shares: readonly RouterShare[],
  passwordOf: PasswordOf = placeholder,
): Record<string, string> {
  return Object.fromEntries(
    mergeRouters(shares).routers.map((router) => [router.name, frrConfiguration(router, passwordOf)]),
  );
}

/**
 * The router's side of every session: it accepts exactly what its clusters announce and, by default, announces
 * nothing. `bgp ebgp-requires-policy` is stated because `frr defaults datacenter` turns it off (seen with FRR 8.4.4).
 */
export function frrConfiguration(router: MergedRouter, passwordOf: PasswordOf = placeholder): string {
  const { groups } = router;
  const lines = [
    frr`! ${frrDescription(`${router.name}, for ${router.stacks.join(", ")}`.slice(0, 80))}`,
    ...(router.port === 179
      ? []
      : [frr`! bgpd listens on another port: -p ${frrNumber(router.port, 1, 65_535)}`]),
    // On a router in use these lines are not the cluster's alone; router --against names them one by one.
    frr`! Lines that begin with bgp, and maximum-paths, act on every neighbour of the router.`,
    frr`!`,
    ...groups.flatMap(prefixLists),
    frr`!`,
    ...groups.flatMap(routeMaps),
    frr`!`,
    frr`router bgp ${asNumber(router.asn)}`,
    ...globals(router),
    ...groups.flatMap((group) => peerGroup(group, passwordOf)),
    ...allFamilies.flatMap((family) => addressFamily(router, family)),
    frr`exit`,
  ];
  return `${lines.join("\n")}\n`;
}

const asNumber = (asn: number) => frrNumber(asn, 1, 4_294_967_295);
/** What FRR's prefix lists and route maps call a family. */
const word = (family: Family) => frrName(family === "ipv4" ? "ip" : "ipv6");

function globals(router: MergedRouter): readonly string[] {
  const dynamic = router.groups
    .filter(({ listenRanges }) => listenRanges.length > 0)
    .reduce((sum, { hosts }) => sum + hosts.length, 0);
  return [
    ...(router.routerId === undefined ? [] : [frr` bgp router-id ${frrAddress(router.routerId)}`]),
    frr` bgp log-neighbor-changes`,
    frr` bgp ebgp-requires-policy`,
    frr` no bgp default ipv4-unicast`,
    ...(router.clusterId === undefined ? [] : [frr` bgp cluster-id ${frrAddress(router.clusterId)}`]),
    ...(hasSeveralASNs(router) ? [frr` bgp bestpath as-path multipath-relax`] : []),
    // A session restarts gracefully when both ends say so; FRR takes no other word for a whole peer group.
    ...(router.groups.some(({ gracefulRestart }) => gracefulRestart) ? [frr` bgp graceful-restart`] : []),
    ...(dynamic > usualListenLimit / 2 ? [frr` bgp listen limit ${frrNumber(2 * dynamic, 1, 65_535)}`] : []),
  ];
}

/** Paths through nodes of different ASNs share traffic only when FRR ignores their ASNs. */
function hasSeveralASNs({ groups }: MergedRouter): boolean {
  return groups.some((a) => groups.some((b) => a.stack === b.stack && a.remoteASN !== b.remoteASN));
}

function peerGroup(group: RouterGroup, passwordOf: PasswordOf): readonly string[] {
  const name = frrName(group.name);
  const dials = group.neighbours.some(({ port }) => port !== undefined);
  const { keepAliveTimeSeconds: keepAlive, holdTimeSeconds: hold, connectRetryTimeSeconds: retry } = group;
  return [
    frr` neighbor ${name} peer-group`,
    frr` neighbor ${name} remote-as ${asNumber(group.remoteASN)}`,
    ...(group.password === undefined
      ? []
      : [frr` neighbor ${name} password ${frrPassword(passwordOf(group))}`]),
    frr` neighbor ${name} timers ${frrNumber(keepAlive, 1, 65_535)} ${frrNumber(hold, 3, 65_535)}`,
    frr` neighbor ${name} timers connect ${frrNumber(retry, 1, 65_535)}`,
    ...(group.multihop > 1
      ? [frr` neighbor ${name} ebgp-multihop ${frrNumber(group.multihop, 2, 255)}`]
      : []),
    // Nodes without a port of their own do not listen, so the router would dial a closed port indefinitely.
    dials
      ? frr` neighbor ${name} update-source ${frrAddress(group.routerAddress)}`
      : frr` neighbor ${name} passive`,
    ...group.neighbours.flatMap(({ address, host, port }) => {
      const node = frrAddress(address);
      return [
        frr` neighbor ${node} peer-group ${name}`,
        frr` neighbor ${node} description ${frrDescription(host)}`,
        ...(port === undefined ? [] : [frr` neighbor ${node} port ${frrNumber(port, 1, 65_535)}`]),
      ];
    }),
    ...group.listenRanges.map((range) => frr` bgp listen range ${frrNetwork(range)} peer-group ${name}`),
  ];
}

function addressFamily(router: MergedRouter, family: Family): readonly string[] {
  const groups = router.groups.filter((group) => group.family === family);
  if (groups.length === 0) return [];
  const paths = frrNumber(Math.min(router.paths, mostPaths), 1, mostPaths);
  return [
    frr` address-family ${frrName(family)} unicast`,
    ...groups.flatMap((group) => {
      const name = frrName(group.name);
      return [
        frr`  neighbor ${name} activate`,
        ...(group.routeReflectorClient ? [frr`  neighbor ${name} route-reflector-client`] : []),
        ...(group.announceDefaultRoute ? [frr`  neighbor ${name} default-originate`] : []),
        frr`  neighbor ${name} soft-reconfiguration inbound`,
        frr`  neighbor ${name} route-map ${frrName(`${group.name}_in`)} in`,
        frr`  neighbor ${name} route-map ${frrName(`${group.name}_out`)} out`,
        frr`  neighbor ${name} maximum-prefix ${frrNumber(group.maximumPrefixes, 1, 4_294_967_295)}`,
      ];
    }),
    groups.some(({ remoteASN }) => remoteASN === router.asn)
      ? frr`  maximum-paths ibgp ${paths}`
      : frr`  maximum-paths ${paths}`,
    frr` exit-address-family`,
  ];
}

function prefixLists(group: RouterGroup): readonly string[] {
  const ip = word(group.family);
  const name = frrName(`${group.name}_in`);
  const accepted = group.accept.map(({ prefix, ge, le }: PrefixRule, i) => {
    const seq = frrNumber(5 * (i + 1), 5, 1_000_000);
    const network = frrNetwork(prefix);
    if (ge === undefined || le === undefined) {
      return frr`${ip} prefix-list ${name} seq ${seq} permit ${network}`;
    }
    return frr`${ip} prefix-list ${name} seq ${seq} permit ${network} ge ${frrNumber(ge, 0, 128)} le ${frrNumber(le, 0, 128)}`;
  });
  const all = frrNetwork(group.family === "ipv4" ? "0.0.0.0/0" : "::/0");
  const out = frrName(`${group.name}_out`);
  return [
    ...(accepted.length === 0 ? [frr`${ip} prefix-list ${name} seq 5 deny any`] : accepted),
    ...(group.announceDefaultRoute ? [frr`${ip} prefix-list ${out} seq 5 permit ${all}`] : []),
  ];
}

/** In: what the prefix list names, through the node that announced it. Out: the default route or nothing. */
function routeMaps(group: RouterGroup): readonly string[] {
  const ip = word(group.family);
  const [into, out] = [frrName(`${group.name}_in`), frrName(`${group.name}_out`)];
  return [
    frr`route-map ${into} permit 10`,
    frr` match ${ip} address prefix-list ${into}`,
    frr` set ${ip} next-hop peer-address`,
    frr`exit`,
    frr`route-map ${into} deny 65535`,
    frr`exit`,
    ...(group.announceDefaultRoute
      ? [frr`route-map ${out} permit 10`, frr` match ${ip} address prefix-list ${out}`, frr`exit`]
      : []),
    frr`route-map ${out} deny 65535`,
    frr`exit`,
  ];
}
