import { contains, parseCidr } from "../../addresses/range";
import { defineCheck } from "../check";
import { quoted, userValue } from "./user-values";

export const routingCidrCoversPods = defineCheck({
  id: "cilium/routing-cidr-covers-pods",
  why: "with native routing the agent ends at once without that network, and masquerades pods that lie outside it",
  acceptable: false,
  run: (stack) => {
    if (stack.cilium.routingMode !== "native") return [];
    return ([4, 6] as const).flatMap((family) => {
      const path = `ipv${family}NativeRoutingCIDR`;
      const set = userValue(stack, path);
      const pods = stack.network.pods.filter((text) => parseCidr(text)?.family === family);
      if (set === undefined || pods.length === 0) return [];
      const outer = parseCidr(String(set));
      const left = pods.filter((text) => {
        const inner = parseCidr(text);
        return outer === undefined || inner === undefined || !contains(outer, inner);
      });
      if (left.length === 0) return [];
      return [
        {
          at: `cilium.values.${path}`,
          problem: `${quoted(set)} does not hold network.pods ${left.join(", ")}`,
          fix: `remove it, or write one that holds ${left.join(", ")}`,
        },
      ];
    });
  },
});
