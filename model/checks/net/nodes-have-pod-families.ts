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
    const ways = new Set(lacking.map((pool) => addressingOf(stack, pool)));
    const needs = [
      ...(ways.has("fixed") ? ["a secondaryAddress for each host"] : []),
      ...(ways.has("pool") ? ["network.secondary.addressPool"] : []),
      ...(ways.has("dhcp") ? ["addresses instead of DHCP, as only these are known before"] : []),
    ];
    return [
      {
        at: "network.pods",
        problem: `pods are ${families.join(" and ")}, and the machines of ${lacking.join(", ")} get ${own} addresses only`,
        fix: `${stack.network.secondary === undefined ? `add network.secondary with an ${other} network, and` : "add"} ${needs.join(", and ")}; or write cilium.routingMode: tunnel`,
      },
    ];
  },
});
