import { familyOf } from "../net/addresses";
import type { AdditionalNetwork, Host, Stack } from "./schema";

type Route = Stack["network"]["routes"][number];

/** The network of a host's node: the stack's, or that of the host's rack. */
export interface NodeNetwork {
  /** Its place in the stack file: `network`, or `network.racks[0]`. */
  readonly at: string;
  readonly nodes: string;
  readonly gateway?: string | undefined;
  readonly dns: readonly string[];
  readonly routes: readonly Route[];
  readonly secondary?: { readonly nodes: string; readonly gateway?: string | undefined } | undefined;
}

/** The nodes' networks: the stack's, then one for each rack that has its own. */
export function nodeNetworks({ network }: Stack): readonly NodeNetwork[] {
  const { nodes, gateway, dns, routes, secondary } = network;
  return [
    { at: "network", nodes, gateway, dns, routes, secondary },
    ...network.racks.map((rack, i) => ({
      ...rack,
      at: `network.racks[${i}]`,
      dns: rack.dns.length === 0 ? dns : rack.dns,
    })),
  ];
}

/** The CIDRs of the nodes' networks, each with its place. */
export function nodeCidrs({ network }: Stack): readonly { readonly at: string; readonly text: string }[] {
  const all = [
    { at: "network", of: network },
    ...network.racks.map((of, i) => ({ at: `network.racks[${i}]`, of })),
  ];
  return all.flatMap(({ at, of: { nodes, secondary } }) => [
    { at: `${at}.nodes`, text: nodes },
    ...(secondary === undefined ? [] : [{ at: `${at}.secondary.nodes`, text: secondary.nodes }]),
  ]);
}

/** The network of a host's node; of two racks of one name the first. */
export function nodeNetworkOf(stack: Stack, { failureDomain }: Pick<Host, "failureDomain">): NodeNetwork {
  const rack = stack.network.racks.findIndex((each) => each.failureDomain === failureDomain);
  const found = nodeNetworks(stack)[rack + 1];
  if (found === undefined) throw new Error("a stack has a node network");
  return found;
}

/** A host's part of a network of `network.additional`. */
export interface AdditionalPart {
  readonly network: AdditionalNetwork;
  /** Place of the network in the stack file. */
  readonly networkAt: string;
  /** Place of the host's entry, in the host's part of the stack file. */
  readonly at: string;
  /** The interface that carries it, a VLAN of its own included; undefined where neither names one. */
  readonly link: string | undefined;
  /** The interface below that VLAN; undefined without one. */
  readonly below: string | undefined;
  readonly addresses: readonly string[];
}

/** The additional networks that a host is in, in its order; those that the stack does not describe are left to a check. */
export function additionalParts(stack: Stack, host: Host): readonly AdditionalPart[] {
  return host.networks.flatMap(({ name, link: own, addresses }, j) => {
    const i = stack.network.additional.findIndex((each) => each.name === name);
    const network = stack.network.additional[i];
    if (network === undefined) return [];
    const carrier = own ?? network.link;
    const tagged = network.vlan !== undefined && carrier !== undefined;
    return [
      {
        network,
        networkAt: `network.additional[${i}]`,
        at: `networks[${j}]`,
        link: tagged ? `${carrier}.${network.vlan}` : carrier,
        below: tagged ? carrier : undefined,
        addresses,
      },
    ];
  });
}

/** A network of one family, as an interface has it. */
export interface FamilyNetwork {
  /** Unique on the host: `storage`, and `storage-secondary` for its second CIDR. */
  readonly id: string;
  readonly cidr: string;
  readonly gateway: string | undefined;
  readonly routes: readonly Route[];
  readonly dns: readonly string[];
  /** The range from which machines get their addresses. */
  readonly addressPool: AdditionalNetwork["addressPools"][number] | undefined;
}

/** The families of an additional network, in the order of its CIDRs, each with what belongs to it. */
export function familiesOf(network: AdditionalNetwork): readonly FamilyNetwork[] {
  return network.cidrs.map((cidr, i) => {
    const isOwn = (text: string) => familyOf(text) === familyOf(cidr);
    return {
      id: i === 0 ? network.name : `${network.name}-secondary`,
      cidr,
      gateway: network.gateways.find(isOwn),
      routes: network.routes.filter(({ to }) => isOwn(to)),
      dns: network.dns.filter(isOwn),
      addressPool: network.addressPools.find(({ start }) => isOwn(start)),
    };
  });
}

/** A network of a host with the host's address in it, where that is known before the host is a node. */
export interface KnownAddress {
  readonly cidr: string;
  readonly address: string | undefined;
}

/** Every network that a host is in, the node's first. */
export function networksOf(stack: Stack, host: Host): readonly KnownAddress[] {
  const { nodes, secondary } = nodeNetworkOf(stack, host);
  return [
    { cidr: nodes, address: host.address },
    ...(secondary === undefined ? [] : [{ cidr: secondary.nodes, address: host.secondaryAddress }]),
    ...additionalParts(stack, host).flatMap(({ network, addresses }) =>
      network.cidrs.map((cidr) => ({
        cidr,
        address: addresses.find((address) => familyOf(address) === familyOf(cidr)),
      })),
    ),
  ];
}
