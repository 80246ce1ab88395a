import type { Bgp, BgpRouter, EndpointPeer, Host, Stack } from "../stack/schema";
import type { SecretPath } from "../stack/secrets";
import { type Family, familyOf, hostCidr } from "../net/addresses";
import { hostsForMachines, isInService } from "../stack/addressing";
import { controlPlanePool } from "../kubernetes/labels";

/**
 * A session by which kube-vip announces the control plane endpoint: from each control plane machine of a peer to one router, over
 * the endpoint's family alone, because kube-vip negotiates no other one (kube-vip v1.0.1 pkg/bgp/peers.go).
 */
export interface EndpointSession {
  readonly peer: EndpointPeer;
  readonly router: BgpRouter;
  readonly family: Family;
  /** The router's address. */
  readonly address: string;
  /** The control plane hosts that have it: those in service. */
  readonly hosts: readonly Host[];
  /** Failure domains of its machines, also of hosts that are switched off: one that comes back must not replace machines. */
  readonly racks: readonly (string | undefined)[];
  readonly password?: SecretPath;
  /** Place of the peer in the stack file. */
  readonly at: string;
}

/** Seconds between two attempts of kube-vip to connect, which it fixes (kube-vip v1.0.1 pkg/bgp/peers.go). */
export const endpointConnectRetrySeconds = 10;
/** The only port that kube-vip connects to, whatever its peers name (kube-vip v1.0.1 and v1.2.2 pkg/bgp/peers.go). */
export const endpointRouterPort = 179;

/** BGP as Cilium speaks it; undefined where Cilium has no session. */
export function ciliumBgp({ bgp }: Pick<Stack, "bgp">): Bgp | undefined {
  return bgp === undefined || bgp.instances.length === 0 ? undefined : bgp;
}

/** Whether kube-vip announces the endpoint by BGP in place of ARP. */
export function isEndpointByBgp({ bgp, kubernetes }: Stack): boolean {
  return kubernetes.endpoint.provider === "kube-vip" && (bgp?.endpoint.length ?? 0) > 0;
}

/** The endpoint as the one route that kube-vip announces. */
export function endpointPrefix({ kubernetes }: Stack): string {
  return hostCidr(kubernetes.endpoint.host);
}

/** The control plane hosts of a peer, in service or switched off. */
export function endpointHosts(stack: Stack, { failureDomains }: EndpointPeer): readonly Host[] {
  return hostsForMachines(stack, controlPlanePool).filter(
    ({ failureDomain }) =>
      failureDomains.length === 0 || (failureDomain !== undefined && failureDomains.includes(failureDomain)),
  );
}

/** Every session of kube-vip, peer by peer; routers that the stack does not describe, or without an address, are left to checks. */
export function endpointSessions(stack: Stack): readonly EndpointSession[] {
  const { bgp } = stack;
  if (bgp === undefined || !isEndpointByBgp(stack)) return [];
  const family = familyOf(stack.kubernetes.endpoint.host);
  return bgp.endpoint.flatMap((peer, i) =>
    [...new Set(peer.routers)].flatMap((name) => {
      const router = bgp.routers.find((each) => each.name === name);
      const address = router?.addresses.find((text) => familyOf(text) === family);
      if (router === undefined || address === undefined) return [];
      const at = `bgp.endpoint[${i}]`;
      const hosts = endpointHosts(stack, peer);
      return [
        {
          peer,
          router,
          family,
          address,
          hosts: hosts.filter(isInService),
          racks: [...new Set(hosts.map(({ failureDomain }) => failureDomain))],
          ...(peer.password === undefined ? {} : { password: `${at}.password` }),
          at,
        },
      ];
    }),
  );
}
