import { contains, parseAddress, parseCidr, usableIn } from "../../net/addresses";
import { addressingOf, hasSecondaryAddresses } from "../../stack/addressing";
import { nodeNetworkOf, nodeNetworks } from "../../stack/host-networks";
import type { Stack } from "../../stack/schema";
import { machinePools } from "../../plan/machines";
import { type Check, defineCheck } from "../check";

/** The families of a list of networks, each once and in order: `IPv4, IPv6`. */
function familiesOf(networks: readonly string[]): string {
  const families = networks.map((text) => `IPv${parseCidr(text)?.family ?? ""}`);
  return [...new Set(families)].join(", ");
}

/** Checks of the address families of nodes, pods and services. */
export const familyChecks: readonly Check[] = [
  defineCheck({
    id: "net/families-in-order",
    summary: "Pod and service networks list the same families in the same order.",
    why: "the first family is the primary one of pods and services; where the two differ, services get addresses of a family that pods do not have",
    acceptable: false,
    run: ({ network }) => {
      const [pods, services] = [familiesOf(network.pods), familiesOf(network.services)];
      if (pods === services) return [];
      return {
        at: "network.services",
        problem: `services are ${services}, network.pods ${pods}`,
        fix: `write the service networks as ${pods}, in this order`,
      };
    },
  }),
  defineCheck({
    id: "net/node-family-first",
    summary: "The family of the node network comes first in pods and services.",
    why: "kube-apiserver does not start when the first service network is of another family than its advertised address",
    acceptable: false,
    run: ({ network }) => {
      const nodes = familiesOf([network.nodes]);
      const [pods, services] = [familiesOf(network.pods), familiesOf(network.services)];
      if (pods !== services || !services.includes(nodes) || services.startsWith(nodes)) return [];
      return {
        at: "network.services",
        problem: `network.nodes ${network.nodes} is ${nodes}, the services are ${services}`,
        fix: `write the ${nodes} network first, in network.pods and in network.services`,
      };
    },
  }),
  defineCheck({
    id: "net/node-family-in-pods",
    summary: "The pod networks include the family of the node network.",
    why: "pods without an address of the nodes' family reach neither the nodes nor the API server",
    acceptable: false,
    run: ({ network }) => {
      const [nodes, pods] = [familiesOf([network.nodes]), familiesOf(network.pods)];
      if (pods.includes(nodes)) return [];
      return {
        at: "network.pods",
        problem: `network.nodes ${network.nodes} is ${nodes}, the pod networks are ${pods} only`,
        fix: `add an ${nodes} network to network.pods and network.services`,
      };
    },
  }),
  defineCheck({
    id: "net/nodes-have-pod-families",
    summary: "With native routing nodes have an address of every pod family.",
    why: "native routing sends pod traffic to the node's address of the same family; without one, Cilium uses the same fc00:: address on every node, and pods of that family reach no other node",
    run: (stack) => {
      const { nodes, pods } = stack.network;
      if (stack.cilium.routingMode !== "native") return [];
      const own = familiesOf([nodes]);
      const families = familiesOf(pods).split(", ");
      const other = families.find((family) => family !== own);
      if (other === undefined || !families.includes(own)) return [];
      const lacking = machinePools(stack)
        .map(({ name }) => name)
        .filter((pool) => !hasSecondaryAddresses(stack, pool));
      if (lacking.length === 0) return [];
      const ways = new Set(lacking.map((pool) => addressingOf(stack, pool)));
      const needs = [
        ...(ways.has("fixed") ? ["a secondaryAddress for each host"] : []),
        ...(ways.has("pool") ? ["network.secondary.addressPool"] : []),
        ...(ways.has("dhcp")
          ? ["fixed or pooled addresses instead of DHCP, because only these are known in advance"]
          : []),
      ];
      return {
        at: "network.pods",
        problem: `pods are ${families.join(" and ")}, and the machines of ${lacking.join(", ")} get ${own} addresses only`,
        fix: `${stack.network.secondary === undefined ? `add network.secondary with an ${other} network, and` : "add"} ${needs.join(", and ")}; or write cilium.routingMode: tunnel`,
      };
    },
  }),
  defineCheck({
    id: "net/secondary-addresses-given",
    summary: "Either every host with a fixed address has a secondary address, or none has.",
    why: "all machines of a pool register with the same families, so a second address requires its network and applies to every host",
    run: ({ hosts, network: { secondary } }) =>
      hosts.flatMap(({ name, address, secondaryAddress }, i) => {
        if (secondaryAddress !== undefined && (secondary === undefined || address === undefined)) {
          return {
            at: `hosts[${i}].secondaryAddress`,
            problem: `"${secondaryAddress}" of ${name} is not used: ${secondary === undefined ? "there is no network.secondary" : "the host has no fixed address"}`,
            fix:
              secondary === undefined
                ? "add network.secondary, or remove it"
                : "add the host's address, or remove it",
          };
        }
        if (secondary === undefined || address === undefined || secondaryAddress !== undefined) return [];
        return {
          at: `hosts[${i}].secondaryAddress`,
          problem: `${name} has ${address}, and no address in network.secondary ${secondary.nodes}`,
          fix: `add a free address inside ${secondary.nodes}`,
        };
      }),
  }),
  defineCheck({
    id: "net/secondary-network-usable",
    summary:
      "The secondary network is of the other family, and its gateway, pool and addresses are inside it.",
    why: "a node has one address of each family on one link; another network, or an address outside it, is unreachable",
    acceptable: false,
    run: (stack) => [
      ...nodeNetworks(stack).flatMap(({ at, nodes, secondary }) => {
        const [first, second] = [parseCidr(nodes), parseCidr(secondary?.nodes ?? "")];
        if (first === undefined || second === undefined || first.family !== second.family) return [];
        return {
          at: `${at}.secondary.nodes`,
          problem: `${second.text} is IPv${second.family}, as ${at}.nodes ${first.text} is`,
          fix: `write an IPv${first.family === 4 ? 6 : 4} network`,
        };
      }),
      ...secondaryAddresses(stack).flatMap(({ at, text, network }) => {
        const [first, second] = [parseCidr(network.nodes), parseCidr(network.secondary?.nodes ?? "")];
        const address = parseAddress(text ?? "");
        if (first === undefined || second === undefined || first.family === second.family) return [];
        if (address === undefined || contains(usableIn(second), address)) return [];
        return {
          at,
          problem: `"${address.text}" is not a usable address inside ${network.at}.secondary.nodes ${second.text}`,
          fix: `choose a free address inside ${second.text}`,
        };
      }),
    ],
  }),
];

/** What has an address in a node's second family, with the network that it must be in. */
function secondaryAddresses(stack: Stack) {
  const [own, ...racks] = nodeNetworks(stack);
  if (own === undefined) return [];
  const pool = stack.network.secondary?.addressPool;
  return [
    { at: "network.secondary.gateway", text: own.secondary?.gateway, network: own },
    { at: "network.secondary.addressPool.start", text: pool?.start, network: own },
    { at: "network.secondary.addressPool.end", text: pool?.end, network: own },
    ...racks.map((network) => ({
      at: `${network.at}.secondary.gateway`,
      text: network.secondary?.gateway,
      network,
    })),
    ...stack.hosts.map((host, i) => ({
      at: `hosts[${i}].secondaryAddress`,
      text: host.secondaryAddress,
      network: nodeNetworkOf(stack, host),
    })),
  ];
}
