import { configOf } from "./anatomy";
import { defineProof } from "./proof";

export const directRoutesConsistent = defineProof({
  id: "render/direct-routes-consistent",
  why: "the agent ends at its start with a combination of direct routes that makes no sense",
  run: (render) => {
    const config = configOf(render);
    if (config === undefined) return [];
    const direct = config["auto-direct-node-routes"] === "true";
    return [
      ...(config["direct-routing-skip-unreachable"] === "true" && !direct
        ? [
            {
              key: "directRoutingSkipUnreachable",
              problem: "cilium-config: direct-routing-skip-unreachable is on without auto-direct-node-routes",
              fix: "remove directRoutingSkipUnreachable from cilium.values, or set cilium.autoDirectNodeRoutes: true",
            },
          ]
        : []),
      ...(direct && config["routing-mode"] !== "native"
        ? [
            {
              key: "autoDirectNodeRoutes",
              problem: "cilium-config: auto-direct-node-routes is on, and routing-mode is not native",
              fix: "remove autoDirectNodeRoutes from cilium.values, or set cilium.routingMode: native",
            },
          ]
        : []),
    ];
  },
});
