import { overlaps, parseCidr } from "../../addresses/range";
import { defineCheck, pairs } from "../check";
import { networksOf } from "./networks";

export const cidrsDisjoint = defineCheck({
  id: "net/cidrs-disjoint",
  why: "an address that belongs to two networks is routed to only one of them",
  run: (stack) =>
    pairs(networksOf(stack)).flatMap(([a, b]) => {
      const [one, other] = [parseCidr(a.text), parseCidr(b.text)];
      if (one === undefined || other === undefined || !overlaps(one, other)) return [];
      return [
        {
          at: b.at,
          problem: `${b.text} overlaps ${a.at} ${a.text}`,
          fix: `choose a range outside ${a.text}`,
        },
      ];
    }),
});
