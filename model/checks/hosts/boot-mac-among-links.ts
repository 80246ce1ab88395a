import { defineCheck } from "../check";
import { macForm, macsOf } from "./macs";

export const bootMacAmongLinks = defineCheck({
  id: "hosts/boot-mac-among-links",
  why: "the port that boots belongs to another machine, or is left without a configuration after the installation",
  run: (stack) => {
    const macs = macsOf(stack);
    return stack.hosts.flatMap(({ mac: text, links, name }, i) => {
      const mac = text.toLowerCase();
      const elsewhere = macs.some((other) => other.host !== i && other.mac === mac);
      const known = links.some((link) => link.mac.toLowerCase() === mac);
      if (links.length === 0 || known || elsewhere || !macForm.test(mac)) return [];
      return [
        {
          at: `hosts[${i}].mac`,
          problem: `"${text}" is none of the links of ${name}: ${links.map((link) => `${link.name} ${link.mac}`).join(", ")}`,
          fix: "write the address of the link that boots, or add that link",
        },
      ];
    });
  },
});
