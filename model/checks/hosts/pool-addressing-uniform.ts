import { hostsOf } from "../../plan/addressing";
import { controlPlanePool } from "../../plan/labels";
import { defineCheck } from "../check";

export const poolAddressingUniform = defineCheck({
  id: "hosts/pool-addressing-uniform",
  why: "all machines of a pool are made from one template, which either reads a fixed address or does not",
  run: (stack) =>
    [controlPlanePool, ...stack.workers.map(({ name }) => name)].flatMap((pool) => {
      const hosts = hostsOf(stack, pool);
      const without = hosts.filter(({ address }) => address === undefined);
      if (without.length === 0 || without.length === hosts.length) return [];
      return [
        {
          at: "hosts",
          problem: `in pool ${pool}, ${without.map(({ name }) => name).join(", ")} has no address and others have one`,
          fix: "give every host of the pool an address, or none",
        },
      ];
    }),
});
