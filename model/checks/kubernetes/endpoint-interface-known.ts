import { addressingOf } from "../../plan/addressing";
import { controlPlanePool } from "../../plan/labels";
import { nodeLinkOf } from "../../plan/node-link";
import { defineCheck } from "../check";

export const endpointInterfaceKnown = defineCheck({
  id: "kubernetes/endpoint-interface-known",
  why: "without an interface kube-vip takes that of the default route, and ends where there is none: the endpoint never answers",
  run: (stack) => {
    const { provider, interface: nic } = stack.kubernetes.endpoint;
    const { gateway } = stack.network;
    const written = addressingOf(stack, controlPlanePool) !== "dhcp";
    if (provider !== "kube-vip" || nic !== undefined || gateway !== undefined || !written) return [];
    const host = stack.hosts.find(({ pool }) => pool === controlPlanePool);
    const carrier = host === undefined ? undefined : nodeLinkOf(host);
    return [
      {
        at: "kubernetes.endpoint.interface",
        problem:
          "no interface is named for kube-vip, and without network.gateway the machines have no default route",
        fix: `write ${carrier === undefined ? "the interface that carries the node's address" : `interface: ${carrier}`}, or add network.gateway`,
      },
    ];
  },
});
