import { contains, parseAddress, parseCidr } from "../../addresses/range";
import { usableIn } from "../../addresses/usable";
import { defineCheck } from "../check";

export const gatewayInNodeNetwork = defineCheck({
  id: "net/gateway-in-node-network",
  why: "a gateway outside the nodes' network cannot be reached, and the kernel refuses the default route",
  run: ({ network }) => {
    const [nodes, gateway] = [parseCidr(network.nodes), parseAddress(network.gateway ?? "")];
    if (nodes === undefined || gateway === undefined || contains(usableIn(nodes), gateway)) return [];
    return [
      {
        at: "network.gateway",
        problem: `"${gateway.text}" is no address of a machine inside network.nodes ${nodes.text}`,
        fix: `write the router's address inside ${nodes.text}`,
      },
    ];
  },
});
