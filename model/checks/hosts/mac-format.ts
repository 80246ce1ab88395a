import { defineCheck } from "../check";
import { macForm, macsOf } from "./macs";

export const macFormat = defineCheck({
  id: "hosts/mac-format",
  why: "Metal3 refuses another spelling",
  run: (stack) =>
    macsOf(stack).flatMap(({ at, mac }) =>
      macForm.test(mac) ? [] : [{ at, problem: `"${mac}" is no MAC address`, fix: `write ${spelling(mac)}` }],
    ),
});

/** The same address as Metal3 spells it, where twelve digits can be found; else an example. */
function spelling(mac: string): string {
  const digits = mac.replace(/[^0-9a-f]/g, "");
  if (digits.length !== 12) return "six hexadecimal pairs with colons, such as 52:54:00:aa:00:01";
  return digits.replace(/..(?=.)/g, "$&:");
}
