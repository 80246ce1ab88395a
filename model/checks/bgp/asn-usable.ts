import { defineCheck } from "../check";
import { asnsOf } from "./places";

/** RFC 6793, 7300, 5398 and IANA's registry: numbers that no router takes from a neighbour, or that documents use. */
const unusable: readonly (readonly [first: number, last: number, why: string])[] = [
  [23_456, 23_456, "stands in for four-byte ASNs (AS_TRANS)"],
  [64_496, 64_511, "is for documentation"],
  [65_535, 65_535, "is reserved"],
  [65_536, 65_551, "is for documentation"],
  [65_552, 131_071, "is reserved"],
  [4_294_967_295, 4_294_967_295, "is reserved"],
];

export const asnUsable = defineCheck({
  id: "bgp/asn-usable",
  why: "routers refuse sessions or drop routes with a reserved ASN in their path",
  run: ({ bgp }) =>
    asnsOf(bgp).flatMap(({ asn, at }) => {
      const found = unusable.find(([first, last]) => asn >= first && asn <= last);
      if (found === undefined) return [];
      return [
        {
          at,
          problem: `AS ${asn} ${found[2]}`,
          fix: "write one from 64512 to 65534, or from 4200000000 to 4294967294",
        },
      ];
    }),
});
