import { contains, parseAddress, parseCidr } from "../../addresses/range";
import { specialRangeOf } from "../../addresses/special";
import { usableIn } from "../../addresses/usable";
import { defineCheck } from "../check";

export const endpointUsable = defineCheck({
  id: "net/endpoint-usable",
  why: "no machine can answer on a loopback, multicast, network or broadcast address, so the cluster never gets an API",
  acceptable: false,
  run: ({ kubernetes, network }) => {
    const endpoint = parseAddress(kubernetes.endpoint.host);
    const nodes = parseCidr(network.nodes);
    if (endpoint === undefined || nodes === undefined) return [];
    const special = specialRangeOf(endpoint);
    const edge = contains(nodes, endpoint) && !contains(usableIn(nodes), endpoint);
    const what =
      special?.name ??
      (edge ? (endpoint.first === nodes.first ? "network address" : "broadcast address") : "");
    if (what === "") return [];
    return [
      {
        at: "kubernetes.endpoint.host",
        problem: `"${endpoint.text}" is ${special === undefined ? `the ${what} of network.nodes ${nodes.text}` : what}`,
        fix: `choose a free address inside ${nodes.text}`,
      },
    ];
  },
});
