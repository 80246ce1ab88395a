import { z } from "zod";
import { address, cidr, domainName, interfaceName, mtu, objectName, whole } from "./primitives";

const addressRange = () =>
  z.strictObject({
    start: address().describe("First address that may be given out."),
    end: address().describe("Last address that may be given out."),
  });

const route = () =>
  z.strictObject({
    to: cidr().describe("Destination network."),
    via: address().describe("Router in this network through which it is reached."),
  });

const routes = (where: string) => z.array(route()).default([]).describe(`Static routes through ${where}.`);

/** A network of hosts other than the nodes': storage, provisioning, replication. */
const additionalNetwork = z.strictObject({
  name: objectName().describe("Name that hosts refer to in their `networks`."),
  cidrs: z.array(cidr()).min(1).max(2).describe("The network in IPv4, in IPv6, or in both."),
  link: interfaceName()
    .describe("Interface of the hosts that carries it, such as bond0; hosts may name their own.")
    .optional(),
  vlan: whole(1, 4094)
    .describe("VLAN id on that interface; each host then gets the VLAN, such as bond0.41.")
    .optional(),
  mtu: mtu().describe("MTU of that VLAN; without one the MTU is that of the link.").optional(),
  gateways: z
    .array(address())
    .max(2)
    .default([])
    .describe("Default gateways in this network, one per family, where network.gateway is not the hosts'."),
  dns: z.array(address()).default([]).describe("Name servers that are reached through this network."),
  routes: routes("a router in this network"),
  addressPools: z
    .array(addressRange())
    .max(2)
    .default([])
    .describe("A range for each CIDR, for machines whose node addresses come from a pool as well."),
});

/** The nodes' network in one rack. */
const rack = z.strictObject({
  failureDomain: objectName().describe("The hosts whose failureDomain this is have their nodes in it."),
  nodes: cidr().describe("The nodes' network in this rack."),
  gateway: address().describe("Default gateway of the nodes in this rack.").optional(),
  dns: z
    .array(address())
    .default([])
    .describe("Name servers of the nodes in this rack; network.dns when left out."),
  routes: routes("a router in the rack's network"),
  secondary: z
    .strictObject({
      nodes: cidr().describe("The nodes' network in this rack, in the family of network.secondary."),
      gateway: address().describe("Default gateway of the nodes in this family.").optional(),
    })
    .describe("The second address family of the nodes in this rack.")
    .optional(),
});

/** The networks that nodes live in. */
export const network = z.strictObject({
  nodes: cidr().describe("The nodes' network; the control plane endpoint of kube-vip lies in it."),
  gateway: address().describe("Default gateway of the nodes.").optional(),
  dns: z.array(address()).default([]).describe("Name servers of the nodes."),
  ntp: z.array(z.string().min(1)).default([]).describe("Time servers of the nodes."),
  addressPool: addressRange()
    .describe("Range for hosts without a fixed address, handed out by Metal3 IPAM; without it they use DHCP.")
    .optional(),
  secondary: z
    .strictObject({
      nodes: cidr().describe("The nodes' network in the other family than network.nodes."),
      gateway: address().describe("Default gateway of the nodes in this family.").optional(),
      addressPool: addressRange()
        .describe("Range in this family for hosts without a fixed address, handed out by Metal3 IPAM.")
        .optional(),
    })
    .describe("The second address family of the nodes, for dual stack; left out: they have one.")
    .optional(),
  routes: routes("a router in the nodes' network"),
  additional: z
    .array(additionalNetwork)
    .default([])
    .describe("Further networks of hosts, such as storage; hosts name those that they are in."),
  racks: z
    .array(rack)
    .default([])
    .describe("Racks whose nodes have a network of their own; all other hosts are in network.nodes."),
  installer: z
    .enum(["dhcp", "static"])
    .describe(
      "How the installer gets its address on hosts[].mac: from a DHCP server, or the node's own by virtual media.",
    )
    .optional(),
  dhcpRange: z
    .strictObject({
      start: address().describe("First address that the DHCP server may hand out."),
      end: address().describe("Last address that the DHCP server may hand out."),
    })
    .describe("What your DHCP server hands out in the nodes' network, so that nothing else is placed there.")
    .optional(),
  pods: z
    .array(cidr())
    .min(1)
    .max(2)
    .default(["10.244.0.0/16"])
    .describe("Pod networks: IPv4, IPv6, or both."),
  podPrefixPerNode: z
    .strictObject({
      ipv4: whole(16, 30).default(24).describe("Prefix length for IPv4; 24 gives a node 254 pods."),
      ipv6: whole(64, 124).default(64).describe("Prefix length for IPv6."),
    })
    .prefault({})
    .describe("Size of each node's share of the pod networks, as a prefix length."),
  services: z.array(cidr()).min(1).max(2).default(["10.96.0.0/12"]).describe("Service networks."),
  serviceDomain: domainName("cluster.local")
    .default("cluster.local")
    .describe("DNS domain of services and pods."),
  routingDomain: objectName()
    .default("default")
    .describe("Stacks of one routing domain reach each other, so their ranges must be disjoint."),
});
