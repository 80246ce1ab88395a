import type { Bgp, BgpInstance, BgpPeer, BgpRouter } from "../stack/schema";
import type { SecretPath } from "../stack/secrets";
import { type Family, allFamilies, familyOf } from "../net/addresses";

/**
 * One BGP session that every selected node must have: to one address of one router, carrying the routes of that
 * address's family. IPv6 routes over an IPv4 session are valid in FRR but never reach its kernel, so there are none.
 */
export interface Session {
  readonly instance: BgpInstance;
  readonly peer: BgpPeer;
  readonly router: BgpRouter;
  readonly family: Family;
  /** The router's address. */
  readonly address: string;
  /** Name of the peer in CiliumBGPClusterConfig: stable when routers or addresses are added. */
  readonly name: string;
  /** Name of the CiliumBGPPeerConfig. */
  readonly peerConfig: string;
  /** Name of the CiliumBGPAdvertisement, and the value of its label. */
  readonly advertisement: string;
  readonly password?: SecretPath;
  /** Place of the peer in the stack file. */
  readonly at: string;
}

/** All sessions of a stack, instance by instance; routers that the stack does not describe are left to a check. */
export function sessionsOf(bgp: Bgp): readonly Session[] {
  const before = known.get(bgp);
  if (before !== undefined) return before;
  const sessions = allSessions(bgp);
  known.set(bgp, sessions);
  return sessions;
}

/** Many checks need them, and a stack does not change. */
const known = new WeakMap<Bgp, readonly Session[]>();

function allSessions(bgp: Bgp): readonly Session[] {
  const routers = new Map(bgp.routers.toReversed().map((router) => [router.name, router]));
  return bgp.instances.flatMap((instance, i) =>
    instance.peers.flatMap((peer, j) =>
      peer.routers.flatMap((routerName) => {
        const router = routers.get(routerName);
        return router === undefined
          ? []
          : sessionsTo(router, instance, peer, `bgp.instances[${i}].peers[${j}]`);
      }),
    ),
  );
}

function sessionsTo(router: BgpRouter, instance: BgpInstance, peer: BgpPeer, at: string): readonly Session[] {
  return familiesOf(peer, router).flatMap((family) => {
    const address = router.addresses.find((text) => familyOf(text) === family);
    if (address === undefined) return [];
    return [
      {
        instance,
        peer,
        router,
        family,
        address,
        name: `${router.name}-${shortName(family)}`,
        peerConfig: `${peer.name}-${shortName(family)}`,
        advertisement: peer.name,
        ...(peer.password === undefined ? {} : { password: `${at}.password` }),
        at,
      },
    ];
  });
}

/** The families that a peer exchanges with a router: those it names, else those in which the router has an address. */
function familiesOf(peer: BgpPeer, router: BgpRouter): readonly Family[] {
  const has = router.addresses.map(familyOf);
  return allFamilies.filter((family) => (peer.families ?? has).includes(family));
}

/** `v4` or `v6`, for names. */
export function shortName(family: Family): string {
  return family === "ipv4" ? "v4" : "v6";
}
