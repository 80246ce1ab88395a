import { defineCheck } from "../check";
import { machinePools } from "../machine-pools";
import { isOn, value } from "./user-values";

export const podsRouted = defineCheck({
  id: "cilium/pods-routed",
  why: "packets between pods of two nodes end at a gateway that knows no pod network",
  run: (stack) => {
    const nodes = machinePools(stack).reduce((sum, { replicas }) => sum + replicas, 0);
    const announced = (stack.bgp?.instances ?? []).some(({ peers }) =>
      peers.some(({ advertise }) => advertise.podCIDRs),
    );
    const direct = isOn(value(stack, "autoDirectNodeRoutes"));
    if (stack.cilium.routingMode !== "native" || direct || announced || nodes < 2) return [];
    return [
      {
        at: "cilium.autoDirectNodeRoutes",
        problem: "nodes make no routes to each other's pods, and no BGP peer is told about them",
        fix: "write autoDirectNodeRoutes: true, or routingMode: tunnel, or advertise podCIDRs to the routers",
      },
    ];
  },
});
