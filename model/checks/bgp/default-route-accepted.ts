import { defineCheck } from "../check";
import { routersOf } from "./places";

/** Cilium's speaker has one import policy, which rejects all (1.18 to 1.20, pkg/bgp/gobgp/server.go: it installs no routes). */
export const defaultRouteAccepted = defineCheck({
  id: "bgp/default-route-accepted",
  why: "Cilium rejects every route that a router announces, so a node without another default route reaches only its own network",
  run: ({ bgp, network }) =>
    routersOf(bgp)
      .filter(({ router }) => router.announceDefaultRoute)
      .map(({ router, at }) => ({
        at: `${at}.announceDefaultRoute`,
        problem: `the nodes will not take the default route that ${router.name} announces`,
        fix:
          network.gateway === undefined
            ? "remove it, and write network.gateway, through which fixed and pooled addresses get their default route"
            : `remove it: nodes take their default route from network.gateway ${network.gateway}; accept this if another BGP program on the nodes uses it`,
      })),
});
