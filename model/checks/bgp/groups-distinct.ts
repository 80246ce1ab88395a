import { mergeRouters } from "../../router/merge";
import { routerShares } from "../../router/router-share";
import { defineCheck } from "../check";

export const groupsDistinct = defineCheck({
  id: "bgp/groups-distinct",
  why: "a router gives a listen range, and a node's address, to one peer group only; the later line wins silently",
  run: (stack) => {
    if (stack.bgp === undefined) return [];
    return mergeRouters(routerShares(stack, stack.bgp))
      .findings.filter(({ id }) => id.endsWith("-distinct"))
      .map(({ problem, fix }) => ({ at: "bgp.routers", problem, fix }));
  },
});
