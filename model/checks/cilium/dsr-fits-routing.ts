import { defineCheck } from "../check";
import { quoted, userValue } from "./user-values";

/** Direct server return through a tunnel (cilium 1.19, pkg/kpr/initializer). */
export const dsrFitsRouting = defineCheck({
  id: "cilium/dsr-fits-routing",
  why: "the agent ends at once with a message, on every node",
  acceptable: false,
  run: (stack) => {
    const mode = userValue(stack, "loadBalancer.mode");
    const dispatch = userValue(stack, "loadBalancer.dsrDispatch") ?? "opt";
    const { routingMode, tunnelProtocol } = stack.cilium;
    if (routingMode !== "tunnel" || (mode !== "dsr" && mode !== "hybrid")) return [];
    if (tunnelProtocol === "geneve" && dispatch === "geneve") return [];
    return [
      {
        at: "cilium.values.loadBalancer.mode",
        problem: `${quoted(mode)} goes through a tunnel only with tunnelProtocol geneve and dsrDispatch geneve`,
        fix: "write both, or loadBalancer.mode: snat, or routingMode: native",
      },
    ];
  },
});
