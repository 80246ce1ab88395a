import { type Family, allFamilies, familyOf, parseCidr } from "../../net/addresses";
import { localAddressOf, selectedHosts } from "../nodes";
import { type PrefixRule, announcedPrefixes } from "../prefixes";
import { type Session, sessionsOf, shortName } from "../sessions";
import type { Bgp, BgpRouter, Host, Stack } from "../../stack/schema";
import type { SecretPath } from "../../stack/secrets";
import { greatest } from "../../text/numbers";
import { defined } from "../../kubernetes/object";

/** A node's end of a session as the router sees it. */
interface Neighbour {
  readonly address: string;
  readonly host: string;
  /** Where the router dials; absent: it waits to be dialled. */
  readonly port?: number;
}

/** Nodes that a router treats alike: one peer group, one family. */
export interface RouterGroup {
  /** Unique among all stacks: `<stack>_<peer>_v4`; neither a stack's nor a peer's name holds an underscore. */
  readonly name: string;
  readonly stack: string;
  readonly peer: string;
  readonly family: Family;
  readonly remoteASN: number;
  readonly password?: SecretPath;
  readonly keepAliveTimeSeconds: number;
  readonly holdTimeSeconds: number;
  readonly connectRetryTimeSeconds: number;
  readonly multihop: number;
  readonly gracefulRestart: boolean;
  /** The hosts that may become nodes of this group, with the address that they peer from where it is known. */
  readonly hosts: readonly { readonly name: string; readonly address?: string }[];
  /** Empty when nodes come from a listen range. */
  readonly neighbours: readonly Neighbour[];
  readonly listenRanges: readonly string[];
  readonly accept: readonly PrefixRule[];
  readonly maximumPrefixes: number;
  readonly announceDefaultRoute: boolean;
  readonly routeReflectorClient: boolean;
  /** The router's own address of this family. */
  readonly routerAddress: string;
}

/** What one stack requires of one router. */
export interface RouterShare {
  readonly router: string;
  readonly stack: string;
  readonly description?: string;
  readonly asn: number;
  readonly addresses: readonly string[];
  readonly port: number;
  readonly routerId?: string;
  readonly clusterId?: string;
  readonly management?: string;
  readonly groups: readonly RouterGroup[];
  /** Paths for one prefix that may come from nodes at once. */
  readonly paths: number;
}

/** What a stack requires of each of its routers, in the stack file's order. */
export function routerShares(stack: Stack, bgp: Bgp): readonly RouterShare[] {
  const sessions = new Map<BgpRouter, Session[]>();
  for (const session of sessionsOf(bgp)) {
    const own = sessions.get(session.router);
    if (own === undefined) sessions.set(session.router, [session]);
    else own.push(session);
  }
  const named: NamedHosts = {
    overrides: firstBy(bgp.nodeOverrides, ({ host }) => host),
    hosts: firstBy(stack.hosts, ({ name }) => name),
  };
  return bgp.routers.map((router) => {
    const own = sessions.get(router) ?? [];
    const groups = own.flatMap((session) => groupsOf(stack, bgp, session, named));
    const perFamily = allFamilies.map((family) =>
      groups.filter((group) => group.family === family).reduce((sum, { hosts }) => sum + hosts.length, 0),
    );
    const routerId = router.routerId ?? router.addresses.find((address) => familyOf(address) === "ipv4");
    return {
      router: router.name,
      stack: stack.name,
      ...(router.description === undefined ? {} : { description: router.description }),
      asn: router.asn,
      addresses: router.addresses,
      port: router.port,
      ...defined({ routerId, clusterId: router.clusterId, management: router.management }),
      groups,
      paths: greatest([1, ...perFamily]),
    };
  });
}

/** What a stack file says about hosts, by their names. */
interface NamedHosts {
  readonly overrides: ReadonlyMap<string, Bgp["nodeOverrides"][number]>;
  readonly hosts: ReadonlyMap<string, Host>;
}

/** The first entry of each name. */
function firstBy<T>(entries: readonly T[], nameOf: (entry: T) => string): ReadonlyMap<string, T> {
  return new Map(entries.toReversed().map((entry) => [nameOf(entry), entry]));
}

/** One group, or several where single nodes have an ASN of their own: a peer group has one. */
function groupsOf(stack: Stack, bgp: Bgp, session: Session, named: NamedHosts): readonly RouterGroup[] {
  const { instance, peer } = session;
  const byASN = new Map<number, Host[]>([[instance.localASN, []]]);
  for (const host of selectedHosts(stack, instance)) {
    const asn = named.overrides.get(host.name)?.localASN ?? instance.localASN;
    const same = byASN.get(asn);
    if (same === undefined) byASN.set(asn, [host]);
    else same.push(host);
  }
  return [...byASN].flatMap(([asn, own]) => {
    if (own.length === 0 && asn !== instance.localASN) return [];
    const suffix = asn === instance.localASN ? "" : `_as${asn}`;
    return [
      group(stack, bgp, session, named, {
        name: `${stack.name}_${peer.name}_${shortName(session.family)}${suffix}`,
        asn,
        hosts: own,
      }),
    ];
  });
}

function group(
  stack: Stack,
  bgp: Bgp,
  session: Session,
  named: NamedHosts,
  part: { readonly name: string; readonly asn: number; readonly hosts: readonly Host[] },
): RouterGroup {
  const { peer, router, family } = session;
  const announced = announcedPrefixes(stack, bgp, peer, router, family);
  const hosts = part.hosts.map(({ name }) => {
    const address = peeringAddress(named, name, session);
    return { name, ...(address === undefined ? {} : { address }) };
  });
  const listenRanges = listenRangesOf(stack, router, family, hosts);
  return {
    name: part.name,
    stack: stack.name,
    peer: peer.name,
    family,
    remoteASN: part.asn,
    ...(session.password === undefined ? {} : { password: session.password }),
    keepAliveTimeSeconds: peer.keepAliveTimeSeconds,
    holdTimeSeconds: peer.holdTimeSeconds,
    connectRetryTimeSeconds: peer.connectRetryTimeSeconds,
    multihop: router.asn === part.asn ? 1 : peer.multihop,
    gracefulRestart: peer.gracefulRestartSeconds > 0,
    hosts,
    neighbours: listenRanges.length > 0 ? [] : neighbours(named, session, hosts),
    listenRanges,
    accept: announced.rules,
    maximumPrefixes: router.maximumPrefixes ?? Math.max(1, announced.possible),
    announceDefaultRoute: router.announceDefaultRoute,
    routeReflectorClient: router.routeReflector,
    routerAddress: session.address,
  };
}

/** Where a host's sessions of a family start from, if that is known before it is a node. */
function peeringAddress(
  named: NamedHosts,
  name: string,
  { router, family }: Pick<Session, "router" | "family">,
): string | undefined {
  const own = localAddressOf(named.overrides.get(name), router.name, family);
  if (own !== undefined) return own;
  const found = named.hosts.get(name);
  return [found?.address, found?.secondaryAddress].find(
    (address) => address !== undefined && familyOf(address) === family,
  );
}

/** The router's listen ranges; without any, the node network where some host's address is not known before. */
function listenRangesOf(
  stack: Stack,
  router: BgpRouter,
  family: Family,
  hosts: readonly { readonly address?: string }[],
): readonly string[] {
  const given = router.listenRanges.filter((range) => familyOf(range) === family);
  if (given.length > 0 || hosts.every(({ address }) => address !== undefined)) return given;
  return familyOf(stack.network.nodes) === family && parseCidr(stack.network.nodes) !== undefined
    ? [stack.network.nodes]
    : [];
}

function neighbours(
  named: NamedHosts,
  { instance }: Session,
  hosts: readonly { readonly name: string; readonly address?: string }[],
): readonly Neighbour[] {
  return hosts.flatMap(({ name, address }) => {
    if (address === undefined) return [];
    const port = named.overrides.get(name)?.localPort ?? instance.localPort;
    return [{ address, host: name, ...(port === undefined ? {} : { port }) }];
  });
}
