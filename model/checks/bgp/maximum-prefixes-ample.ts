import { announcedPrefixes } from "../../bgp/prefixes";
import { sessionsOf } from "../../bgp/sessions";
import { defineCheck } from "../check";

export const maximumPrefixesAmple = defineCheck({
  id: "bgp/maximum-prefixes-ample",
  severity: "warning",
  why: "when the pools fill up, the router cuts the session, and all routes of the node are gone",
  run: (stack) => {
    const { bgp } = stack;
    if (bgp === undefined) return [];
    return sessionsOf(bgp).flatMap(({ peer, router, family }) => {
      const { certain, possible } = announcedPrefixes(stack, bgp, peer, router, family);
      const limit = router.maximumPrefixes;
      if (limit === undefined || limit <= certain || limit >= possible) return [];
      return [
        {
          at: `bgp.routers[${bgp.routers.indexOf(router)}].maximumPrefixes`,
          problem: `a node can announce ${possible} ${family} routes, the router cuts it at ${limit}`,
          fix: `write ${possible}, or leave it out`,
        },
      ];
    });
  },
});
