import { overlaps } from "../../addresses/range";
import { defineCheck } from "../check";
import { dynamicRanges } from "./dynamic-ranges";

export const dynamicRangesDisjoint = defineCheck({
  id: "net/dynamic-ranges-disjoint",
  why: "Metal3 IPAM and the DHCP server know nothing of each other and give one address to two machines",
  run: (stack) => {
    const [pool, dhcp] = dynamicRanges(stack);
    if (pool?.range === undefined || dhcp?.range === undefined || !overlaps(pool.range, dhcp.range))
      return [];
    return [
      {
        at: dhcp.at,
        problem: `${dhcp.range.text} overlaps ${pool.at} ${pool.range.text}`,
        fix: "give each a part of network.nodes of its own",
      },
    ];
  },
});
