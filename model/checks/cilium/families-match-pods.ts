import { parseCidr } from "../../addresses/range";
import { defineCheck } from "../check";
import { quoted, userValue } from "./user-values";

export const familiesMatchPods = defineCheck({
  id: "cilium/families-match-pods",
  why: "a node has a pod network of a family that Cilium does not serve, or none of one that it waits for",
  acceptable: false,
  run: (stack) =>
    ([4, 6] as const).flatMap((family) => {
      const set = userValue(stack, `ipv${family}.enabled`);
      const used = stack.network.pods.some((text) => parseCidr(text)?.family === family);
      if (set === undefined || set === used) return [];
      return [
        {
          at: `cilium.values.ipv${family}.enabled`,
          problem: `${quoted(set)}, but network.pods has ${used ? "" : "no "}IPv${family}`,
          fix: "remove it; it follows network.pods",
        },
      ];
    }),
});
