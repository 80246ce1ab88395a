import { configOf, quoted } from "./anatomy";
import { defineProof } from "./proof";

/** Modes in which the pods' addresses come from what this stack plans. */
const planned = ["kubernetes", "cluster-pool"];

export const ipamMode = defineProof({
  id: "render/ipam-mode",
  why: "pods would get no addresses, or addresses that the router does not take",
  run: (render) => {
    const config = configOf(render);
    const mode = config?.["ipam"];
    if (config === undefined || planned.includes(String(mode))) return [];
    return [
      {
        key: "ipam.mode",
        problem: `cilium-config: ipam is ${quoted(mode)}, not ${planned.join(" or ")}`,
        fix: "remove ipam.mode from cilium.values; kubernetes takes each node's share of network.pods",
      },
    ];
  },
});
