import { addressingOf, hostsOf } from "../../plan/addressing";
import { controlPlanePool } from "../../plan/labels";
import { defineCheck } from "../check";

export const controlPlaneLeasesFixed = defineCheck({
  id: "net/control-plane-leases-fixed",
  severity: "warning",
  why: "etcd and the API server keep the address of their first start in certificates and member lists: after a new lease the machine never comes back, and with most of them the cluster is lost",
  run: (stack) =>
    addressingOf(stack, controlPlanePool) === "dhcp" &&
    hostsOf(stack, controlPlanePool).every(({ address }) => address === undefined)
      ? [
          {
            at: "hosts",
            problem: "the control plane machines get their addresses by DHCP",
            fix: "give each control plane host an address, or reserve a lease without an end for each hosts[].mac on the DHCP server and accept this",
          },
        ]
      : [],
});
