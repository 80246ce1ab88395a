import { blockNetworks } from "../../bgp/prefixes";
import { defineCheck } from "../check";

export const blocksOrdered = defineCheck({
  id: "bgp/blocks-ordered",
  why: "Cilium refuses a block that ends before it starts, and no service gets an address",
  run: ({ bgp }) =>
    (bgp?.loadBalancerPools ?? []).flatMap((pool, i) =>
      pool.blocks.flatMap((block, j) => {
        if (typeof block === "string" || blockNetworks(block).length > 0) return [];
        return [
          {
            at: `bgp.loadBalancerPools[${i}].blocks[${j}]`,
            problem: `${block.start} to ${block.stop} holds no address`,
            fix: "write the lower address of the same family as start",
          },
        ];
      }),
    ),
});
