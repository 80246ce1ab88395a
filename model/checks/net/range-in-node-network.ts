import { contains, parseCidr } from "../../addresses/range";
import { addressText, usableIn } from "../../addresses/usable";
import { defineCheck } from "../check";
import { dynamicRanges } from "./dynamic-ranges";

export const rangeInNodeNetwork = defineCheck({
  id: "net/range-in-node-network",
  why: "a machine with an address from outside its network, or with the network's own, reaches nobody",
  run: (stack) => {
    const nodes = parseCidr(stack.network.nodes);
    if (nodes === undefined) return [];
    const usable = usableIn(nodes);
    return dynamicRanges(stack).flatMap(({ at, range }) => {
      // Its ends are the business of net/secondary-network-usable.
      if (at === "network.secondary.addressPool") return [];
      if (range === undefined || contains(usable, range)) return [];
      const [first, last] = [usable.first, usable.last].map((value) => addressText(nodes.family, value));
      return [
        {
          at,
          problem: `${range.text} is not inside network.nodes ${nodes.text}`,
          fix: `choose both ends from ${first} to ${last}`,
        },
      ];
    });
  },
});
