import { addressingOf } from "../../plan/addressing";
import { defineCheck } from "../check";

export const bondsWithFixedAddresses = defineCheck({
  id: "metal3/bonds-with-fixed-addresses",
  why: "machines with an address from a pool get their network from Metal3DataTemplate, whose bonds take no miimon that cloud-init could read: a dead port would never be noticed",
  run: (stack) =>
    stack.hosts.flatMap(({ name, pool, bonds }, i) => {
      if (addressingOf(stack, pool) !== "pool" || bonds.length === 0) return [];
      return [
        {
          at: `hosts[${i}].bonds`,
          problem: `${bonds.map((bond) => bond.name).join(", ")} of ${name} would not be made: pool ${pool} uses network.addressPool`,
          fix: `give every host of pool ${pool} an address, or remove network.addressPool and use DHCP`,
        },
      ];
    }),
});
