import { contains, parseAddress, parseCidr, specialRangeOf, usableIn } from "../../net/addresses";
import { controlPlanePool } from "../../kubernetes/labels";
import { nodeNetworkOf, nodeNetworks } from "../../stack/host-networks";
import { listed } from "../../text/wording";
import { type Check, defineCheck } from "../check";
import { clusterNetworksWith } from "./networks";

/** Checks of the control plane endpoint's address. */
export const endpointAddressChecks: readonly Check[] = [
  defineCheck({
    id: "net/endpoint-in-node-network",
    summary:
      "The control plane endpoint is inside the node network unless an external load balancer serves it.",
    why: "kube-vip moves the endpoint between machines by ARP, which no router forwards, and nodes reach it without a router only inside their own network",
    run: (stack) => {
      const { endpoint: given } = stack.kubernetes;
      const endpoint = parseAddress(given.host);
      if (given.provider === "external" || endpoint === undefined) return [];
      if (specialRangeOf(endpoint) !== undefined) return [];
      const own = stack.hosts
        .filter(({ pool }) => pool === controlPlanePool)
        .map((host) => ({ name: host.name, network: nodeNetworkOf(stack, host) }));
      const outside = own.filter(({ network }) => {
        const nodes = parseCidr(network.nodes);
        return nodes !== undefined && !contains(nodes, endpoint);
      });
      const [first] = outside;
      if (first === undefined) return [];
      const inside = own.length - outside.length;
      return {
        at: "kubernetes.endpoint.host",
        problem:
          inside === 0
            ? `${endpoint.text} is outside ${first.network.at}.nodes ${first.network.nodes}`
            : `${endpoint.text} is outside the network of ${listed(outside.map(({ name, network }) => `${name} (${network.nodes})`))}`,
        fix:
          inside === 0
            ? `choose a free address inside ${first.network.nodes}`
            : "write provider: external and the address of a load balancer, or put the control plane hosts into one rack",
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
    run: (stack) => {
      const endpoint = parseAddress(stack.kubernetes.endpoint.host);
      const around = nodeNetworks(stack).find(({ nodes: text }) => {
        const range = parseCidr(text);
        return range !== undefined && endpoint !== undefined && contains(range, endpoint);
      });
      const { at, nodes: cidr } = around ?? { at: "network", nodes: stack.network.nodes };
      const nodes = parseCidr(cidr);
      if (endpoint === undefined || nodes === undefined) return [];
      const special = specialRangeOf(endpoint);
      const edge = contains(nodes, endpoint) && !contains(usableIn(nodes), endpoint);
      const what =
        special?.name ??
        (edge ? (endpoint.first === nodes.first ? "network address" : "broadcast address") : "");
      if (what === "") return [];
      return {
        at: "kubernetes.endpoint.host",
        problem: `"${endpoint.text}" is ${special === undefined ? `the ${what} of ${at}.nodes ${nodes.text}` : what}`,
        fix: `choose a free address inside ${nodes.text}`,
      };
    },
  }),
];
