import type { Bgp, BgpInstance, BgpPeer, BgpRouter } from "../../config/schema";

/** Every peer with its instance and its place in the stack file. */
export function peersOf(
  bgp: Bgp | undefined,
): readonly { readonly peer: BgpPeer; readonly instance: BgpInstance; readonly at: string }[] {
  return (bgp?.instances ?? []).flatMap((instance, i) =>
    instance.peers.map((peer, j) => ({ peer, instance, at: `bgp.instances[${i}].peers[${j}]` })),
  );
}

/** Every router with its place in the stack file. */
export function routersOf(
  bgp: Bgp | undefined,
): readonly { readonly router: BgpRouter; readonly at: string }[] {
  return (bgp?.routers ?? []).map((router, i) => ({ router, at: `bgp.routers[${i}]` }));
}

/** Every ASN that a stack names, with its place. */
export function asnsOf(bgp: Bgp | undefined): readonly { readonly asn: number; readonly at: string }[] {
  return [
    ...routersOf(bgp).map(({ router, at }) => ({ asn: router.asn, at: `${at}.asn` })),
    ...(bgp?.instances ?? []).map(({ localASN }, i) => ({
      asn: localASN,
      at: `bgp.instances[${i}].localASN`,
    })),
    ...(bgp?.nodeOverrides ?? []).flatMap(({ localASN }, i) =>
      localASN === undefined ? [] : [{ asn: localASN, at: `bgp.nodeOverrides[${i}].localASN` }],
    ),
  ];
}

/** Names that stand twice in a list, each but the first, with the place of the first. */
export function repeated(
  names: readonly { readonly name: string; readonly at: string }[],
): readonly { readonly name: string; readonly at: string; readonly first: string }[] {
  return names.flatMap(({ name, at }, i) => {
    const first = names.slice(0, i).find((earlier) => earlier.name === name);
    return first === undefined ? [] : [{ name, at, first: first.at }];
  });
}
