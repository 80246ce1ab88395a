import { contains, parseAddress, parseCidr } from "../../addresses/range";
import { routerShares } from "../../router/router-share";
import { defineCheck } from "../check";

export const listenRangesCoverNodes = defineCheck({
  id: "bgp/listen-ranges-cover-nodes",
  why: "a router with a listen range refuses every node outside it, without a word in its state",
  run: (stack) => {
    const { bgp } = stack;
    if (bgp === undefined) return [];
    return routerShares(stack, bgp).flatMap(({ groups }, i) =>
      groups.flatMap(({ hosts, listenRanges, family }) => {
        const outside = hosts.filter(({ address }) => {
          const own = address === undefined ? undefined : parseAddress(address);
          return (
            own !== undefined &&
            !listenRanges.some((text) => {
              const range = parseCidr(text);
              return range !== undefined && contains(range, own);
            })
          );
        });
        if (listenRanges.length === 0 || outside.length === 0) return [];
        return [
          {
            at: `bgp.routers[${i}].listenRanges`,
            problem: `${outside.map(({ name, address }) => `${name} (${address ?? ""})`).join(", ")} is outside ${listenRanges.join(", ")} (${family})`,
            fix: "widen the range, or leave listenRanges out: one line per host",
          },
        ];
      }),
    );
  },
});
