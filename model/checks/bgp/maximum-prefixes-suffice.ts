import { announcedPrefixes } from "../../bgp/prefixes";
import { sessionsOf } from "../../bgp/sessions";
import { defineCheck } from "../check";

export const maximumPrefixesSuffice = defineCheck({
  id: "bgp/maximum-prefixes-suffice",
  why: "the router cuts the session with the first route beyond its limit, and all routes of the node are gone",
  run: (stack) => {
    const { bgp } = stack;
    if (bgp === undefined) return [];
    return sessionsOf(bgp).flatMap(({ peer, router, family }) => {
      const { certain, possible } = announcedPrefixes(stack, bgp, peer, router, family);
      const least = certain + (possible > certain ? 1 : 0);
      if (router.maximumPrefixes === undefined || router.maximumPrefixes >= least) return [];
      return [
        {
          at: `bgp.routers[${bgp.routers.indexOf(router)}].maximumPrefixes`,
          problem: `${router.maximumPrefixes} is below the ${least} routes that each node announces in ${family}`,
          fix: `write ${possible}, or leave it out`,
        },
      ];
    });
  },
});
