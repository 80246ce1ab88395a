import type { Bgp } from "../../stack/schema";
import { type Check, defineCheck } from "../check";
import { everyPeerOf, routersOf } from "./routers";

/** Every ASN of a stack, with its place. */
function asnsOf(bgp: Bgp | undefined) {
  return [
    ...routersOf(bgp).map(({ router, at }) => ({ asn: router.asn, at: `${at}.asn` })),
    ...(bgp?.instances ?? []).map(({ localASN: asn }, i) => ({ asn, at: `bgp.instances[${i}].localASN` })),
    ...(bgp?.endpoint ?? []).map(({ localASN: asn }, i) => ({ asn, at: `bgp.endpoint[${i}].localASN` })),
    ...(bgp?.nodeOverrides ?? []).flatMap(({ localASN: asn }, i) =>
      asn === undefined ? [] : { asn, at: `bgp.nodeOverrides[${i}].localASN` },
    ),
  ];
}

/** ASNs that routers refuse, or that are for documentation (RFC 5398, 6793, 7300 and IANA's registry). */
const unusable: readonly (readonly [first: number, last: number, why: string])[] = [
  [23_456, 23_456, "represents four-byte ASNs (AS_TRANS)"],
  [64_496, 64_511, "is for documentation"],
  [65_535, 65_535, "is reserved"],
  [65_536, 65_551, "is for documentation"],
  [65_552, 131_071, "is reserved"],
  [4_294_967_295, 4_294_967_295, "is reserved"],
];

/** Checks of autonomous system numbers. */
export const asnChecks: readonly Check[] = [
  defineCheck({
    id: "bgp/asn-usable",
    summary: "ASNs are not reserved.",
    why: "routers refuse sessions, or drop routes, with a reserved ASN in their path",
    run: ({ bgp }) =>
      asnsOf(bgp).flatMap(({ asn, at }) => {
        const found = unusable.find(([first, last]) => asn >= first && asn <= last);
        if (found === undefined) return [];
        return {
          at,
          problem: `AS ${asn} ${found[2]}`,
          fix: "write one from 64512 to 65534, or from 4200000000 to 4294967294",
        };
      }),
  }),
  defineCheck({
    id: "bgp/asn-private",
    summary: "ASNs are private numbers.",
    why: "a public ASN that is not yours hides its owner's routes from your network",
    severity: "warning",
    run: ({ bgp }) =>
      asnsOf(bgp)
        .filter(({ asn }) => asn > 0 && asn < 64_496 && asn !== 23_456)
        .concat(asnsOf(bgp).filter(({ asn }) => asn > 131_071 && asn < 4_200_000_000))
        .map(({ asn, at }) => ({
          at,
          problem: `AS ${asn} is a public number`,
          fix: "write a private one, from 64512 to 65534, or accept this finding if the number is yours",
        })),
  }),
  defineCheck({
    id: "bgp/session-kind-stated",
    summary: "iBGP is configured deliberately: equal ASNs only with a route reflector.",
    why: "with equal ASNs the session is iBGP, whose routes a router does not pass on unless it is a route reflector",
    run: ({ bgp }) => {
      const localASNs = new Map<string, Set<number>>();
      for (const { peer, localASN } of everyPeerOf(bgp))
        for (const name of peer.routers)
          localASNs.set(name, (localASNs.get(name) ?? new Set()).add(localASN));
      return routersOf(bgp).flatMap(({ router, at }) => {
        const locals = localASNs.get(router.name) ?? new Set();
        if (locals.has(router.asn) && !router.routeReflector) {
          return {
            at: `${at}.asn`,
            problem: `AS ${router.asn} is also the cluster's own`,
            fix: "write the router's ASN, or routeReflector: true if iBGP is intended",
          };
        }
        if (router.routeReflector && locals.size > (locals.has(router.asn) ? 1 : 0)) {
          return {
            at: `${at}.routeReflector`,
            problem: `AS ${router.asn} is not the cluster's own, so the session is eBGP and nothing is reflected`,
            fix: "write the same ASN on both sides, or routeReflector: false",
          };
        }
        return [];
      });
    },
  }),
];
