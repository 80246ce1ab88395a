import { contains, parseAddress, parseCidr } from "../../addresses/range";
import { specialRangeOf } from "../../addresses/special";
import { defineCheck } from "../check";
import { isNodeNetwork, networksOf } from "./networks";

export const dnsUsable = defineCheck({
  id: "net/dns-usable",
  why: "a node whose name server is itself, or a pod that runs later, cannot resolve the registry that it pulls the first images from",
  run: (stack) =>
    stack.network.dns.flatMap((text, i) => {
      const address = parseAddress(text);
      if (address === undefined) return [];
      const special = specialRangeOf(address);
      const inside = networksOf(stack).find((named) => {
        const range = parseCidr(named.text);
        return !isNodeNetwork(named) && range !== undefined && contains(range, address);
      });
      if (special === undefined && inside === undefined) return [];
      return [
        {
          at: `network.dns[${i}]`,
          problem: `"${text}" ${special === undefined ? `lies in ${inside?.at} ${inside?.text}` : `is ${special.name}`}`,
          fix: "write a name server of your network, outside the cluster",
        },
      ];
    }),
});
