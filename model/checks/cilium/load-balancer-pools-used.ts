import { defineCheck } from "../check";
import { userValue } from "./user-values";

export const loadBalancerPoolsUsed = defineCheck({
  id: "cilium/load-balancer-pools-used",
  why: "services of type LoadBalancer stay without an address, although the pools are there",
  run: (stack) =>
    (stack.bgp?.loadBalancerPools ?? []).length > 0 && userValue(stack, "enableLBIPAM") === false
      ? [
          {
            at: "cilium.values.enableLBIPAM",
            problem: "false makes bgp.loadBalancerPools do nothing",
            fix: "remove it, or the pools",
          },
        ]
      : [],
});
