import { defineCheck } from "../check";
import { peersOf, routersOf } from "./places";

export const sessionKindStated = defineCheck({
  id: "bgp/session-kind-stated",
  why: "with equal ASNs the session is iBGP, whose routes a router passes on to nobody unless it reflects them",
  run: ({ bgp }) =>
    routersOf(bgp).flatMap(({ router, at }) => {
      const locals = peersOf(bgp)
        .filter(({ peer }) => peer.routers.includes(router.name))
        .map(({ instance }) => instance.localASN);
      if (locals.includes(router.asn) && !router.routeReflector) {
        return [
          {
            at: `${at}.asn`,
            problem: `AS ${router.asn} is also the cluster's own`,
            fix: "write the router's ASN, or routeReflector: true if iBGP is meant",
          },
        ];
      }
      if (router.routeReflector && locals.some((asn) => asn !== router.asn)) {
        return [
          {
            at: `${at}.routeReflector`,
            problem: `AS ${router.asn} is not the cluster's own, so the session is eBGP and nothing is reflected`,
            fix: "write the same ASN on both sides, or routeReflector: false",
          },
        ];
      }
      return [];
    }),
});
