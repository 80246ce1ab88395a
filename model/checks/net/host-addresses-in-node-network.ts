import { contains, parseAddress, parseCidr } from "../../addresses/range";
import { defineCheck } from "../check";

export const hostAddressesInNodeNetwork = defineCheck({
  id: "net/host-addresses-in-node-network",
  why: "a node outside its network has no route to the endpoint",
  run: ({ hosts, network }) =>
    hosts.flatMap(({ address, name }, i) => {
      const nodes = parseCidr(network.nodes);
      const own = address === undefined ? undefined : parseAddress(address);
      if (nodes === undefined || own === undefined || contains(nodes, own)) return [];
      return [
        {
          at: `hosts[${i}].address`,
          problem: `"${own.text}" of ${name} is outside network.nodes ${network.nodes}`,
          fix: `choose a free address inside ${network.nodes}; a stack has one node network, so a rack with a subnet of its own is a stack of its own (README, Limits)`,
        },
      ];
    }),
});
