import { configOf, quoted } from "./anatomy";
import { defineProof } from "./proof";

export const routingMode = defineProof({
  id: "render/routing-mode",
  why: "nodes that route and nodes that tunnel cannot reach each other's pods, nor does the router know which it is",
  run: (render, { routing }) => {
    const config = configOf(render);
    if (config === undefined) return [];
    const wanted: readonly (readonly [setting: string, key: string, value: string])[] = [
      ["routing-mode", "routingMode", routing.mode],
      // With native routing it is for direct server return and the egress gateway; vxlan is the agent's default.
      ...(routing.mode === "tunnel" || routing.tunnelProtocol !== "vxlan"
        ? [["tunnel-protocol", "tunnelProtocol", routing.tunnelProtocol] as const]
        : []),
    ];
    return wanted.flatMap(([setting, key, value]) =>
      config[setting] === value
        ? []
        : [
            {
              key,
              problem: `cilium-config: ${setting} is ${quoted(config[setting])}, the stack says cilium.${key}: ${value}`,
              fix: `remove ${key} from cilium.values, and set cilium.${key}`,
            },
          ],
    );
  },
});
