import { sizeOf } from "../../addresses/usable";
import { addressingOf } from "../../plan/addressing";
import { mostMachines, poolMachines } from "../../plan/machines";
import { defineCheck } from "../check";
import { dynamicRanges } from "./dynamic-ranges";

const addressingFrom = {
  "network.addressPool": "pool",
  "network.secondary.addressPool": "pool",
  "network.dhcpRange": "dhcp",
} as const;

export const dynamicRangesHoldMachines = defineCheck({
  id: "net/dynamic-ranges-hold-machines",
  why: "a machine for which no address is left waits without an error that anybody sees, and blocks a rolling upgrade",
  run: (stack) =>
    dynamicRanges(stack).flatMap(({ at, range }) => {
      const pools = poolMachines(stack).filter(
        ({ pool }) => addressingOf(stack, pool) === addressingFrom[at],
      );
      const machines = mostMachines(pools);
      if (range === undefined || sizeOf(range) >= BigInt(machines)) return [];
      return [
        {
          at,
          problem: `${range.text} holds ${sizeOf(range)} addresses; ${machines} machines exist at once during a rolling upgrade`,
          fix: `widen it to at least ${machines} addresses`,
        },
      ];
    }),
});
