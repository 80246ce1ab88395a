import { defineCheck } from "../check";
import { isOn, userValue, value } from "./user-values";

export const directRoutesConsistent = defineCheck({
  id: "cilium/direct-routes-consistent",
  why: "the agent ends at once with a message, on every node",
  acceptable: false,
  run: (stack) => {
    const skip = isOn(userValue(stack, "directRoutingSkipUnreachable"));
    const direct = stack.cilium.routingMode === "native" && isOn(value(stack, "autoDirectNodeRoutes"));
    if (!skip || direct) return [];
    return [
      {
        at: "cilium.values.directRoutingSkipUnreachable",
        problem:
          "there are no direct routes to skip: autoDirectNodeRoutes is off, or packets go through a tunnel",
        fix: "remove it, or write cilium.autoDirectNodeRoutes: true with routingMode: native",
      },
    ];
  },
});
