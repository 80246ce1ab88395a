import { contains, parseAddress, parseCidr } from "../../addresses/range";
import { specialRangeOf } from "../../addresses/special";
import { defineCheck } from "../check";

export const endpointInNodeNetwork = defineCheck({
  id: "net/endpoint-in-node-network",
  why: "nodes reach the control plane endpoint without a router only inside their own network",
  run: ({ network, kubernetes }) => {
    const nodes = parseCidr(network.nodes);
    const endpoint = parseAddress(kubernetes.endpoint.host);
    if (kubernetes.endpoint.provider === "external" || nodes === undefined || endpoint === undefined)
      return [];
    if (contains(nodes, endpoint) || specialRangeOf(endpoint) !== undefined) return [];
    return [
      {
        at: "kubernetes.endpoint.host",
        problem: `${endpoint.text} is outside network.nodes ${network.nodes}`,
        fix: `choose a free address inside ${network.nodes}`,
      },
    ];
  },
});
