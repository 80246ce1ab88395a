import { contains, parseAddress, parseCidr, sizeOf, usableIn } from "../../net/addresses";
import type { Stack } from "../../stack/schema";
import { addressingOf, hasSecondaryAddresses, hostsOf } from "../../stack/addressing";
import { nodeNetworkOf, nodeNetworks } from "../../stack/host-networks";
import { controlPlanePool } from "../../kubernetes/labels";
import { machinePools, mostMachines, poolMachines } from "../../plan/machines";
import { type Check, type PlacedText, defineCheck, duplicates } from "../check";

/** The addresses of the stack's own machines: the endpoint's, then the hosts'. */
export function machineAddresses({ kubernetes, hosts }: Stack): readonly PlacedText[] {
  return [
    { at: "kubernetes.endpoint.host", text: kubernetes.endpoint.host },
    ...hosts.flatMap(({ address, secondaryAddress, networks }, i) => [
      ...named(`hosts[${i}].address`, address),
      ...named(`hosts[${i}].secondaryAddress`, secondaryAddress),
      ...networks.flatMap(({ addresses }, j) =>
        addresses.map((text, k) => ({ at: `hosts[${i}].networks[${j}].addresses[${k}]`, text })),
      ),
    ]),
  ];
}

/** The default gateways of hosts: of the nodes' networks, and of additional ones. */
export function gatewayAddresses(stack: Stack): readonly PlacedText[] {
  return [
    ...nodeNetworks(stack).flatMap(({ at, gateway, secondary }) => [
      ...named(`${at}.gateway`, gateway),
      ...named(`${at}.secondary.gateway`, secondary?.gateway),
    ]),
    ...stack.network.additional.flatMap(({ gateways }, i) =>
      gateways.map((text, j) => ({ at: `network.additional[${i}].gateways[${j}]`, text })),
    ),
  ];
}

function named(at: string, text: string | undefined): readonly PlacedText[] {
  return text === undefined ? [] : [{ at, text }];
}

/** The same text for every spelling of an address. */
export function addressKey(text: string): string {
  const address = parseAddress(text);
  return address === undefined ? text : `IPv${address.family} ${address.first}`;
}

/** Checks of the addresses of hosts and of the gateway. */
export const addressChecks: readonly Check[] = [
  defineCheck({
    id: "net/addresses-unique",
    summary: "Endpoint, gateways and hosts all have different addresses.",
    why: "two machines with the same address disrupt each other's traffic",
    run: (stack) => {
      const [endpoint, ...hosts] = machineAddresses(stack);
      const owners = [...(endpoint === undefined ? [] : [endpoint]), ...gatewayAddresses(stack), ...hosts];
      return duplicates(owners, "correct one of the two", addressKey);
    },
  }),
  defineCheck({
    id: "net/host-addresses-in-node-network",
    summary: "Fixed host addresses are inside the node network, or that of the host's rack.",
    why: "a node outside the network of its link has no route to the gateway, nor to the endpoint",
    run: (stack) =>
      stack.hosts.flatMap((host, i) => {
        const { at, nodes: text } = nodeNetworkOf(stack, host);
        const nodes = parseCidr(text);
        const own = parseAddress(host.address ?? "");
        if (nodes === undefined || own === undefined || contains(nodes, own)) return [];
        const other = nodeNetworks(stack).find((each) => contains(parseCidr(each.nodes) ?? nodes, own));
        return {
          at: `hosts[${i}].address`,
          problem: `"${own.text}" of ${host.name} is outside ${at}.nodes ${text}`,
          fix: `choose a free address inside ${text}; ${
            other === undefined
              ? "a rack with its own network is an entry of network.racks, which hosts name as failureDomain"
              : `or correct the host's failureDomain: the address is inside ${other.at}.nodes ${other.nodes}`
          }`,
        };
      }),
  }),
  defineCheck({
    id: "net/host-address-usable",
    summary: "No host has the network or broadcast address of the node network.",
    why: "a machine cannot answer on the network or broadcast address",
    acceptable: false,
    run: (stack) =>
      stack.hosts.flatMap((host, i) => {
        const { at, nodes: cidr } = nodeNetworkOf(stack, host);
        const nodes = parseCidr(cidr);
        const address = parseAddress(host.address ?? "");
        if (nodes === undefined || address === undefined) return [];
        if (!contains(nodes, address) || contains(usableIn(nodes), address)) return [];
        return {
          at: `hosts[${i}].address`,
          problem: `"${address.text}" of ${host.name} is the ${address.first === nodes.first ? "network" : "broadcast"} address of ${at}.nodes ${nodes.text}`,
          fix: `choose a free address inside ${nodes.text}`,
        };
      }),
  }),
  defineCheck({
    id: "net/gateway-in-node-network",
    summary: "The gateway is a usable address of the node network.",
    why: "a gateway outside the node network is unreachable, and the kernel refuses the default route",
    run: (stack) =>
      nodeNetworks(stack).flatMap(({ at, nodes: text, gateway: given }) => {
        const [nodes, gateway] = [parseCidr(text), parseAddress(given ?? "")];
        if (nodes === undefined || gateway === undefined || contains(usableIn(nodes), gateway)) return [];
        return {
          at: `${at}.gateway`,
          problem: `"${gateway.text}" is not a usable address inside ${at}.nodes ${nodes.text}`,
          fix: `write the router's address inside ${nodes.text}`,
        };
      }),
  }),
  defineCheck({
    id: "net/node-network-size",
    summary: "The node network has enough addresses for all machines, the endpoint and the gateway.",
    why: "a machine without a free address boots without a network and never joins",
    run: (stack) => {
      const nodes = parseCidr(stack.network.nodes);
      if (nodes === undefined) return [];
      const pools = poolMachines(stack);
      const fixed = machinePools(stack).filter(({ name }) => addressingOf(stack, name) === "fixed");
      const others = pools.filter(({ pool }) => addressingOf(stack, pool) !== "fixed");
      const hosts = fixed.reduce((sum, { name }) => sum + hostsOf(stack, name).length, 0);
      const further = [stack.kubernetes.endpoint.host, stack.network.gateway].filter((text) => {
        const address = text === undefined ? undefined : parseAddress(text);
        return address !== undefined && contains(nodes, address);
      });
      const needed = hosts + mostMachines(others) + further.length;
      const size = sizeOf(usableIn(nodes));
      if (others.length === 0 || size >= BigInt(needed)) return [];
      return {
        at: "network.nodes",
        problem: `${stack.network.nodes} has ${size} addresses; machines, endpoint and gateway need ${needed} during a rolling upgrade`,
        fix: "write the network's real size, or fewer machines",
      };
    },
  }),
  defineCheck({
    id: "net/addressing-settings-used",
    summary: "Every address setting of the network applies to at least one machine.",
    why: "the setting has no effect although the stack file suggests that it does",
    severity: "warning",
    run: (stack) => {
      const used = new Set(poolMachines(stack).map(({ pool }) => addressingOf(stack, pool)));
      const { addressPool, gateway, dns, secondary } = stack.network;
      const pools = poolMachines(stack).map(({ pool }) => pool);
      const onlyDhcp = used.size === 1 && used.has("dhcp");
      return [
        addressPool !== undefined && !used.has("pool")
          ? {
              at: "network.addressPool",
              problem: "every host has a fixed address, so the pool is not used",
              fix: "remove network.addressPool, or the addresses of the hosts that should use it",
            }
          : [],
        secondary?.addressPool !== undefined && !used.has("pool")
          ? {
              at: "network.secondary.addressPool",
              problem: "no machine gets its address from a pool",
              fix: "remove it, or add network.addressPool and leave the addresses of the hosts out",
            }
          : [],
        secondary !== undefined && !pools.some((pool) => hasSecondaryAddresses(stack, pool))
          ? {
              at: "network.secondary",
              problem: "no machine gets an address in this network",
              fix: "give each host a secondaryAddress, or add network.secondary.addressPool where addresses come from a pool",
            }
          : [],
        ...[
          ...(gateway === undefined ? [] : ["network.gateway"]),
          ...(dns.length === 0 ? [] : ["network.dns"]),
        ]
          .filter(() => onlyDhcp)
          .map((at) => ({
            at,
            problem: `all machines use DHCP, so ${at} applies to none of them`,
            fix: `remove ${at} and let the DHCP server announce it`,
          })),
      ];
    },
  }),
  defineCheck({
    id: "net/control-plane-leases-fixed",
    summary: "Control plane machines do not depend on DHCP for their addresses.",
    why: "etcd and the API server keep the address of their first start in certificates and member lists: after a lease change the machine does not come back, and losing most of them loses the cluster",
    severity: "warning",
    run: (stack) =>
      addressingOf(stack, controlPlanePool) === "dhcp" &&
      hostsOf(stack, controlPlanePool).every(({ address }) => address === undefined)
        ? {
            at: "hosts",
            problem: "the control plane machines get their addresses by DHCP",
            fix: "give each control plane host an address, or reserve an unlimited lease for each hosts[].mac on the DHCP server and accept this",
          }
        : [],
  }),
];
