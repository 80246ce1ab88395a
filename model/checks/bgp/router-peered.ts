import { defineCheck } from "../check";
import { peersOf, routersOf } from "./places";

export const routerPeered = defineCheck({
  id: "bgp/router-peered",
  severity: "warning",
  why: "a router that no peer names gets no session and an empty configuration",
  run: ({ bgp }) => {
    const named = new Set(peersOf(bgp).flatMap(({ peer }) => peer.routers));
    return routersOf(bgp)
      .filter(({ router }) => !named.has(router.name))
      .map(({ router, at }) => ({
        at,
        problem: `no peer names router ${router.name}`,
        fix: `add ${router.name} to the routers of a peer, or remove it`,
      }));
  },
});
