import { contains, parseAddress, parseCidr } from "../../addresses/range";
import { usableIn } from "../../addresses/usable";
import { defineCheck } from "../check";

export const hostAddressUsable = defineCheck({
  id: "net/host-address-usable",
  why: "a machine with the network's own or the broadcast address answers nobody",
  acceptable: false,
  run: ({ hosts, network }) => {
    const nodes = parseCidr(network.nodes);
    if (nodes === undefined) return [];
    return hosts.flatMap(({ address: text = "", name }, i) => {
      const address = parseAddress(text);
      if (address === undefined || !contains(nodes, address) || contains(usableIn(nodes), address)) return [];
      return [
        {
          at: `hosts[${i}].address`,
          problem: `"${text}" of ${name} is the ${address.first === nodes.first ? "network" : "broadcast"} address of network.nodes ${nodes.text}`,
          fix: `choose a free address inside ${nodes.text}`,
        },
      ];
    });
  },
});
