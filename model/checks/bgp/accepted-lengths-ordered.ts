import { familyOf, bitsOf } from "../../bgp/family";
import { lengthOf } from "../../bgp/prefixes";
import { defineCheck } from "../check";
import { routersOf } from "./places";

export const acceptedLengthsOrdered = defineCheck({
  id: "bgp/accepted-lengths-ordered",
  why: "FRR refuses a prefix list whose lengths do not follow each other",
  run: ({ bgp }) =>
    routersOf(bgp).flatMap(({ router, at }) =>
      router.acceptedPrefixes.flatMap(({ prefix, ge, le }, i) => {
        const least = ge ?? lengthOf(prefix);
        const most = le ?? least;
        if (lengthOf(prefix) <= least && least <= most && most <= bitsOf(familyOf(prefix))) return [];
        return [
          {
            at: `${at}.acceptedPrefixes[${i}]`,
            problem: `${prefix} from /${least} to /${most} holds no prefix`,
            fix: `write ${lengthOf(prefix)} <= ge <= le <= ${bitsOf(familyOf(prefix))}`,
          },
        ];
      }),
    ),
});
