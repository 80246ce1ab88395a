import { type Family, allFamilies, familyOf, isInNetwork } from "../../net/addresses";
import { localAddressOf, selectedHosts } from "../nodes";
import { type PrefixRule, announcedPrefixes } from "../prefixes";
import { type Session, sessionsOf, shortName } from "../sessions";
import {
  type EndpointSession,
  endpointConnectRetrySeconds,
  endpointPrefix,
  endpointSessions,
} from "../endpoint";
import { type KnownAddress, networksOf } from "../../stack/host-networks";
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
  /** Which program of the nodes has the sessions. */
  readonly speaker: "cilium" | "kube-vip";
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
  };
  const ofEndpoint = endpointSessions(stack);
  return bgp.routers.map((router) => {
    const own = sessions.get(router) ?? [];
    const groups = [
      ...own.flatMap((session) => groupsOf(stack, bgp, session, named)),
      ...ofEndpoint
        .filter((session) => session.router === router)
        .map((session) => endpointGroup(stack, session)),
    ];
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

/** What a stack file says about the nodes of hosts, by the hosts' names. */
interface NamedHosts {
  readonly overrides: ReadonlyMap<string, Bgp["nodeOverrides"][number]>;
}

/** A host that may become a node of a group: the address that it peers from where that is known, and its network. */
interface PeeringHost {
  readonly name: string;
  readonly address?: string;
  readonly network?: string;
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
  const peering = part.hosts.map((host): PeeringHost => {
    const network = peeringNetwork(stack, host, session);
    const own = localAddressOf(named.overrides.get(host.name), router, family);
    return { name: host.name, ...defined({ address: own ?? network?.address, network: network?.cidr }) };
  });
  const listenRanges = listenRangesOf(session, peering);
  return {
    speaker: "cilium",
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
    hosts: peering.map(({ name, address }) => ({ name, ...defined({ address }) })),
    neighbours: listenRanges.length > 0 ? [] : neighbours(named, session, peering),
    listenRanges,
    accept: announced.rules,
    maximumPrefixes: router.maximumPrefixes ?? Math.max(1, announced.possible),
    announceDefaultRoute: router.announceDefaultRoute,
    routeReflectorClient: router.routeReflector,
    routerAddress: session.address,
  };
}

/**
 * kube-vip's sessions from the control plane machines: from each node's own address, where the router waits for them. A line for
 * an address takes precedence over a listen range around it, which may be that of Cilium's nodes.
 */
function endpointGroup(stack: Stack, session: EndpointSession): RouterGroup {
  const { peer, router, family } = session;
  const peering = session.hosts.map((host): PeeringHost => {
    const network = peeringNetwork(stack, host, session);
    return { name: host.name, ...defined({ address: network?.address, network: network?.cidr }) };
  });
  const areKnown = peering.every(({ address }) => address !== undefined);
  return {
    speaker: "kube-vip",
    name: `${stack.name}_${peer.name}_${shortName(family)}`,
    stack: stack.name,
    peer: peer.name,
    family,
    remoteASN: peer.localASN,
    ...(session.password === undefined ? {} : { password: session.password }),
    keepAliveTimeSeconds: peer.keepAliveTimeSeconds,
    holdTimeSeconds: peer.holdTimeSeconds,
    connectRetryTimeSeconds: endpointConnectRetrySeconds,
    multihop: router.asn === peer.localASN ? 1 : peer.multihop,
    // A route that stays after its machine is gone would lead to nothing.
    gracefulRestart: false,
    hosts: peering.map(({ name, address }) => ({ name, ...defined({ address }) })),
    neighbours: areKnown
      ? peering.flatMap(({ name, address }) => (address === undefined ? [] : [{ address, host: name }]))
      : [],
    listenRanges: areKnown ? [] : listenRangesOf(session, peering),
    accept: [{ prefix: endpointPrefix(stack) }],
    maximumPrefixes: 1,
    announceDefaultRoute: router.announceDefaultRoute,
    routeReflectorClient: router.routeReflector,
    routerAddress: session.address,
  };
}

/**
 * The network of a host that its sessions with a router start from, with its address there where that is known: the one
 * that the router is in, else the node's of the same family.
 */
export function peeringNetwork(
  stack: Stack,
  host: Host,
  { address, family }: Pick<Session, "address" | "family">,
): KnownAddress | undefined {
  const own = networksOf(stack, host).filter(({ cidr }) => familyOf(cidr) === family);
  return own.find(({ cidr }) => isInNetwork(address, cidr)) ?? own[0];
}

/** The router's listen ranges; without any, the networks of the hosts whose addresses are not known before. */
function listenRangesOf(
  { router, family }: Pick<Session, "router" | "family">,
  hosts: readonly PeeringHost[],
): readonly string[] {
  const given = router.listenRanges.filter((range) => familyOf(range) === family);
  if (given.length > 0 || hosts.every(({ address }) => address !== undefined)) return given;
  return [
    ...new Set(hosts.flatMap(({ address, network }) => (address === undefined ? (network ?? []) : []))),
  ];
}

function neighbours(
  named: NamedHosts,
  { instance }: Session,
  hosts: readonly PeeringHost[],
): readonly Neighbour[] {
  return hosts.flatMap(({ name, address }) => {
    if (address === undefined) return [];
    const port = named.overrides.get(name)?.localPort ?? instance.localPort;
    return [{ address, host: name, ...(port === undefined ? {} : { port }) }];
  });
}
