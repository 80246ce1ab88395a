import { defineCheck } from "../check";
import { asnsOf } from "./places";

export const asnPrivate = defineCheck({
  id: "bgp/asn-private",
  severity: "warning",
  why: "a public ASN that is not yours hides its owner's routes from your network",
  run: ({ bgp }) =>
    asnsOf(bgp)
      .filter(({ asn }) => asn > 0 && asn < 64_496 && asn !== 23_456)
      .concat(asnsOf(bgp).filter(({ asn }) => asn > 131_071 && asn < 4_200_000_000))
      .map(({ asn, at }) => ({
        at,
        problem: `AS ${asn} is a public number`,
        fix: "write a private one, from 64512 to 65534, or accept this finding if the number is yours",
      })),
});
