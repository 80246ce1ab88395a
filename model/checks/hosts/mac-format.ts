import { defineCheck } from "../check";

export const macFormat = defineCheck({
  id: "hosts/mac-format",
  why: "Metal3 refuses another spelling",
  run: ({ hosts }) =>
    hosts.flatMap(({ mac }, i) =>
      /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(mac)
        ? []
        : [
            {
              at: `hosts[${i}].mac`,
              problem: `"${mac}" is no MAC address`,
              fix: "write six hexadecimal pairs with colons, such as 52:54:00:aa:00:01",
            },
          ],
    ),
});
