import { hostsOf } from "../../plan/addressing";
import { controlPlanePool } from "../../plan/labels";
import { defineCheck } from "../check";
import { nodeLinkOf } from "../../plan/node-link";
import { linksOf } from "./host-links";

export const endpointInterfaceCarriesNodes = defineCheck({
  id: "links/endpoint-interface-carries-nodes",
  why: "kube-vip answers for the endpoint on another network than the one that it belongs to, and no node hears it",
  run: (stack) => {
    const { provider, interface: nic } = stack.kubernetes.endpoint;
    if (provider !== "kube-vip" || nic === undefined) return [];
    return hostsOf(stack, controlPlanePool).flatMap((host) => {
      const carrier = nodeLinkOf(host);
      const known = linksOf(host, 0).some(({ name }) => name === nic);
      if (!known || carrier === undefined || carrier === nic) return [];
      return [
        {
          at: "kubernetes.endpoint.interface",
          problem: `"${nic}" of ${host.name} does not carry the node's address, ${carrier} does`,
          fix: `write ${carrier}, or nodeLink: ${nic} for hosts[${stack.hosts.indexOf(host)}]`,
        },
      ];
    });
  },
});
