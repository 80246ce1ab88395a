import { contains, parseAddress, parseCidr } from "../../addresses/range";
import { addressingOf } from "../../plan/addressing";
import { poolMachines } from "../../plan/machines";
import { defineCheck } from "../check";

export const dnsReachable = defineCheck({
  id: "net/dns-reachable",
  why: "without a default route a node reaches nothing outside its own network, and kubeadm cannot pull an image",
  run: (stack) => {
    const { nodes: text, gateway, dns } = stack.network;
    const nodes = parseCidr(text);
    const written = poolMachines(stack).some(({ pool }) => addressingOf(stack, pool) !== "dhcp");
    if (gateway !== undefined || nodes === undefined || !written) return [];
    return dns.flatMap((server, i) => {
      const address = parseAddress(server);
      if (address === undefined || contains(nodes, address)) return [];
      return [
        {
          at: `network.dns[${i}]`,
          problem: `"${server}" is outside network.nodes ${text}, and there is no network.gateway`,
          fix: "set network.gateway, or name a server inside the nodes' network",
        },
      ];
    });
  },
});
