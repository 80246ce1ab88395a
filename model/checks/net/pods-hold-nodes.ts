import { mostMachines, poolMachines } from "../../plan/machines";
import { defineCheck } from "../check";
import { podNetworks } from "./pod-networks";

export const podsHoldNodes = defineCheck({
  id: "net/pods-hold-nodes",
  why: "a node for which no share of the pod network is left never gets ready, in the middle of a scale-out or a rolling upgrade",
  run: (stack) => {
    const nodes = mostMachines(poolMachines(stack));
    return podNetworks(stack).flatMap(({ at, text, key, prefix, perNode }) => {
      const shares = 2 ** Math.max(0, perNode - prefix);
      if (perNode < prefix || shares >= nodes) return [];
      const needed = perNode - Math.ceil(Math.log2(nodes));
      return [
        {
          at,
          problem: `${text} holds ${shares} nodes with a /${perNode} each; ${nodes} exist at once during a rolling upgrade`,
          fix: `write a /${needed} or larger, or a longer network.podPrefixPerNode.${key}`,
        },
      ];
    });
  },
});
