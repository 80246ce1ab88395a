import { addressingOf, hasSecondaryAddresses } from "../../plan/addressing";
import { poolMachines } from "../../plan/machines";
import { defineCheck } from "../check";
import { familiesOf } from "./families";

export const nodesHavePodFamilies = defineCheck({
  id: "net/nodes-have-pod-families",
  why: "native routing sends pod traffic to the node's address of the same family; without one, Cilium makes up the same fc00:: address on every node, and pods of that family reach no other node",
  run: (stack) => {
    const { nodes, pods } = stack.network;
    if (stack.cilium.routingMode !== "native") return [];
    const own = familiesOf([nodes]);
    const families = familiesOf(pods).split(", ");
    const other = families.find((family) => family !== own);
    if (other === undefined || !families.includes(own)) return [];
    const lacking = poolMachines(stack)
      .map(({ pool }) => pool)
      .filter((pool) => !hasSecondaryAddresses(stack, pool));
    if (lacking.length === 0) return [];
    const dhcp = lacking.some((pool) => addressingOf(stack, pool) === "dhcp");
    return [
      {
        at: "network.pods",
        problem: `pods are ${families.join(" and ")}, and the machines of ${lacking.join(", ")} get ${own} addresses only`,
        fix: `add network.secondary with an ${other} network${dhcp ? ", with fixed addresses instead of DHCP," : ""} and a secondaryAddress for each host with an address, or write cilium.routingMode: tunnel`,
      },
    ];
  },
});
