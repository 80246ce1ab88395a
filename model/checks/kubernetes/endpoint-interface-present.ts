import { hostsOf } from "../../plan/addressing";
import { controlPlanePool } from "../../plan/labels";
import { defineCheck } from "../check";

export const endpointInterfacePresent = defineCheck({
  id: "kubernetes/endpoint-interface-present",
  why: "kube-vip ends when its interface is not there, so the endpoint never answers (recorded on a real host: ens3 was ens2)",
  run: (stack) => {
    const { endpoint } = stack.kubernetes;
    if (endpoint.provider !== "kube-vip" || endpoint.interface === undefined) return [];
    const nic = endpoint.interface;
    return hostsOf(stack, controlPlanePool).flatMap(({ name, links, bonds, vlans }) => {
      const known = [...links, ...bonds, ...vlans].map((link) => link.name);
      // Without links the host's own names are known only to inspection.
      if (links.length === 0 || known.includes(nic)) return [];
      return [
        {
          at: "kubernetes.endpoint.interface",
          problem: `hosts[${stack.hosts.findIndex((host) => host.name === name)}] (${name}) has no "${nic}", it has ${known.join(", ")}`,
          fix: `write ${known.at(-1) ?? "its interface"}, or give that host a link "${nic}"`,
        },
      ];
    });
  },
});
