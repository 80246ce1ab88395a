import { parseAddress } from "../../addresses/range";
import { specialRangeOf } from "../../addresses/special";
import { defineCheck } from "../check";

const hostName =
  /^(?=.{1,253}$)([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*\.?$/i;

export const ntpForm = defineCheck({
  id: "net/ntp-form",
  why: "chrony ignores a line that it cannot read, and clocks that drift break certificates and etcd",
  run: ({ network }) =>
    network.ntp.flatMap((text, i) => {
      const address = parseAddress(text);
      const usable =
        address === undefined
          ? hostName.test(text) && !/^[\d.]+$/.test(text)
          : specialRangeOf(address) === undefined;
      if (usable && text.toLowerCase() !== "localhost") return [];
      return [
        {
          at: `network.ntp[${i}]`,
          problem: `"${text}" is no time server's name or address`,
          fix: "write the bare name or address, such as ntp.example.com",
        },
      ];
    }),
});
