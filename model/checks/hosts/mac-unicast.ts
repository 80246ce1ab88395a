import { defineCheck } from "../check";
import { macForm, macsOf } from "./macs";

export const macUnicast = defineCheck({
  id: "hosts/mac-unicast",
  why: "no port has such an address, so the host is never recognised when it boots",
  run: (stack) =>
    macsOf(stack).flatMap(({ at, mac }) => {
      if (!macForm.test(mac)) return [];
      const group = (Number.parseInt(mac.slice(0, 2), 16) & 1) === 1;
      const kind =
        mac === "ff:ff:ff:ff:ff:ff"
          ? "broadcast"
          : group
            ? "multicast"
            : mac === "00:00:00:00:00:00"
              ? "empty"
              : "";
      if (kind === "") return [];
      return [
        {
          at,
          problem: `"${mac}" is ${kind === "empty" ? "an empty address" : `a ${kind} address`}`,
          fix: "write the address printed on the port, or shown by the BMC",
        },
      ];
    }),
});
