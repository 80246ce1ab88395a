import { contains, parseAddress, parseCidr } from "../../addresses/range";
import { sizeOf, usableIn } from "../../addresses/usable";
import { addressingOf, hostsOf } from "../../plan/addressing";
import { mostMachines, poolMachines } from "../../plan/machines";
import { defineCheck } from "../check";

export const nodeNetworkSize = defineCheck({
  id: "net/node-network-size",
  why: "a machine for which no address is left boots without a network and never joins",
  run: (stack) => {
    const nodes = parseCidr(stack.network.nodes);
    if (nodes === undefined) return [];
    const pools = poolMachines(stack);
    const fixed = pools.filter(({ pool }) => addressingOf(stack, pool) === "fixed");
    const others = pools.filter(({ pool }) => addressingOf(stack, pool) !== "fixed");
    const hosts = fixed.reduce((sum, { pool }) => sum + hostsOf(stack, pool).length, 0);
    const further = [stack.kubernetes.endpoint.host, stack.network.gateway].filter((text) => {
      const address = text === undefined ? undefined : parseAddress(text);
      return address !== undefined && contains(nodes, address);
    });
    const needed = hosts + mostMachines(others) + further.length;
    const size = sizeOf(usableIn(nodes));
    if (others.length === 0 || size >= BigInt(needed)) return [];
    return [
      {
        at: "network.nodes",
        problem: `${stack.network.nodes} has ${size} addresses; machines, endpoint and gateway need ${needed} during a rolling upgrade`,
        fix: "write the network's real size, or fewer machines",
      },
    ];
  },
});
