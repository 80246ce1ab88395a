import { contains, parseAddress, parseCidr } from "../../addresses/range";
import { defineCheck } from "../check";
import { insideRanges } from "../net/inside-ranges";
import { bmcAddresses } from "./addresses";
import { gatewayAddresses, machineAddresses } from "./taken";

export const outsideNodeNetwork = defineCheck({
  id: "bmc/outside-node-network",
  severity: "warning",
  why: "every node, and every pod on it, can reach a BMC in the nodes' network and try its password",
  run: (stack) => {
    const nodes = parseCidr(stack.network.nodes);
    if (nodes === undefined) return [];
    const taken = [...machineAddresses(stack), ...gatewayAddresses(stack)].map(
      ({ text }) => parseAddress(text)?.first,
    );
    return bmcAddresses(stack)
      .filter(({ address }) => contains(nodes, address) && !taken.includes(address.first))
      .filter((bmc) => insideRanges(stack, [bmc]).length === 0)
      .map(({ at, address }) => ({
        at,
        problem: `"${address.text}" lies in network.nodes ${nodes.text}`,
        fix: "give BMCs a network of their own, or accept this for a small site",
      }));
  },
});
