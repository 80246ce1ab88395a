import { parseAddress } from "../../addresses/range";
import { defineCheck } from "../check";
import { insideRanges } from "./inside-ranges";

export const hostsOutsideRanges = defineCheck({
  id: "net/hosts-outside-ranges",
  why: "the pool or the DHCP server gives a host's fixed address to another machine as well",
  run: (stack) =>
    insideRanges(
      stack,
      stack.hosts.map(({ address }, i) => ({
        at: `hosts[${i}].address`,
        address: parseAddress(address ?? ""),
      })),
    ),
});
