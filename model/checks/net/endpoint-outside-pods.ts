import { contains, parseAddress, parseCidr } from "../../addresses/range";
import { defineCheck } from "../check";
import { isNodeNetwork, networksOf } from "./networks";

export const endpointOutsidePods = defineCheck({
  id: "net/endpoint-outside-pods",
  why: "Cilium needs the API before it routes pod and service addresses, and waits for itself",
  acceptable: false,
  run: (stack) => {
    const endpoint = parseAddress(stack.kubernetes.endpoint.host);
    if (endpoint === undefined || stack.kubernetes.endpoint.provider !== "external") return [];
    return networksOf(stack).flatMap((named) => {
      const { at, text } = named;
      const range = parseCidr(text);
      if (isNodeNetwork(named) || range === undefined || !contains(range, endpoint)) return [];
      return [
        {
          at: "kubernetes.endpoint.host",
          problem: `"${endpoint.text}" lies in ${at} ${text}`,
          fix: "write the address of your load balancer outside the cluster's own networks",
        },
      ];
    });
  },
});
