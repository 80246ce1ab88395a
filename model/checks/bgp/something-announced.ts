import { announcedPrefixes } from "../../bgp/prefixes";
import { sessionsOf } from "../../bgp/sessions";
import { defineCheck } from "../check";

export const somethingAnnounced = defineCheck({
  id: "bgp/something-announced",
  why: "a session that can never carry a route makes nothing reachable, and its router would accept nothing",
  run: (stack) => {
    const { bgp } = stack;
    if (bgp === undefined) return [];
    return sessionsOf(bgp)
      .filter(({ peer, router, family }) => {
        return announcedPrefixes(stack, bgp, peer, router, family).rules.length === 0;
      })
      .map(({ at, family, router }) => ({
        at: `${at}.advertise`,
        problem: `nothing can be announced to ${router.name} in ${family}: no pod network, no pool, no accepted prefix`,
        fix: `advertise podCIDRs, add a load balancer pool of ${family}, or leave ${family} out of families`,
      }));
  },
});
