import { contains, parseAddress, parseCidr, specialRangeOf, usableIn } from "../../net/addresses";
import { type Check, defineCheck } from "../check";
import { clusterNetworksWith } from "./networks";

/** Checks of the control plane endpoint's address. */
export const endpointAddressChecks: readonly Check[] = [
  defineCheck({
    id: "net/endpoint-in-node-network",
    summary:
      "The control plane endpoint is inside the node network unless an external load balancer serves it.",
    why: "nodes reach the control plane endpoint without a router only inside their own network",
    run: ({ network, kubernetes }) => {
      const nodes = parseCidr(network.nodes);
      const endpoint = parseAddress(kubernetes.endpoint.host);
      if (kubernetes.endpoint.provider === "external" || nodes === undefined || endpoint === undefined)
        return [];
      if (contains(nodes, endpoint) || specialRangeOf(endpoint) !== undefined) return [];
      return {
        at: "kubernetes.endpoint.host",
        problem: `${endpoint.text} is outside network.nodes ${network.nodes}`,
        fix: `choose a free address inside ${network.nodes}`,
      };
    },
  }),
  defineCheck({
    id: "net/endpoint-outside-pods",
    summary: "An external control plane endpoint is outside the cluster's own networks.",
    why: "Cilium needs the API server before it routes pod and service addresses, so it would wait for itself",
    acceptable: false,
    run: (stack) => {
      const endpoint = parseAddress(stack.kubernetes.endpoint.host);
      if (endpoint === undefined || stack.kubernetes.endpoint.provider !== "external") return [];
      return clusterNetworksWith(stack, endpoint).map(({ at, text }) => ({
        at: "kubernetes.endpoint.host",
        problem: `"${endpoint.text}" is inside ${at} ${text}`,
        fix: "write the address of your load balancer outside the cluster's own networks",
      }));
    },
  }),
  defineCheck({
    id: "net/endpoint-usable",
    summary: "The control plane endpoint is an address that a machine can have.",
    why: "no machine can answer on a loopback, multicast, network or broadcast address, so the cluster never has an API",
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
      return {
        at: "kubernetes.endpoint.host",
        problem: `"${endpoint.text}" is ${special === undefined ? `the ${what} of network.nodes ${nodes.text}` : what}`,
        fix: `choose a free address inside ${nodes.text}`,
      };
    },
  }),
];
