import { parseCidr } from "../../addresses/range";
import { specialRangeOf } from "../../addresses/special";
import { defineCheck } from "../check";
import { networksOf } from "./networks";

export const rangesUsable = defineCheck({
  id: "net/ranges-usable",
  why: "loopback, link-local, multicast and reserved addresses are not routed, or stay inside one machine",
  acceptable: false,
  run: (stack) =>
    networksOf(stack).flatMap(({ at, text }) => {
      const range = parseCidr(text);
      const special = range === undefined ? undefined : specialRangeOf(range);
      if (range === undefined || special === undefined) return [];
      const example = range.family === 4 ? "10.244.0.0/16" : "fd00:10:244::/56";
      return [
        {
          at,
          problem: `${text} touches ${special.range.text} (${special.name})`,
          fix: `choose a private range, such as ${example}`,
        },
      ];
    }),
});
