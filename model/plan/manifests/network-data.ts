import { familyOf, netmaskOf, parseCidr } from "../../net/addresses";
import type { Host, Stack } from "../../stack/schema";
import { addressingOf } from "../../stack/addressing";
import {
  type AdditionalPart,
  type NodeNetwork,
  additionalParts,
  familiesOf,
  nodeNetworkOf,
} from "../../stack/host-networks";
import { bootingPort, macOf, nodeLinkOf, portsBelow, withNetworkVlans } from "../node-link";
import { defined } from "../../kubernetes/object";

interface Link {
  readonly id: string;
  readonly type: string;
  readonly [field: string]: unknown;
}

/** The port of a host that names none. */
const unnamedPort = "boot";

/**
 * A host's network in OpenStack's network_data.json form, which cloud-init reads on the installed system. It is written
 * per host instead of through Metal3DataTemplate, whose v1beta2 bonds take no parameters that cloud-init could read
 * (CAPM3 v1.14 api/v1beta2/metal3datatemplate_types.go, NetworkLinkBondParam); Metal3 keeps a networkData that it did
 * not render itself. With DHCP it names the link that uses it: cloud-init would take the first connected one.
 */
export function networkData(stack: Stack, declared: Host): Record<string, unknown> {
  const host = withNetworkVlans(stack, declared);
  return {
    links: linksOf(host),
    networks: [
      ...nodeNetworksOn(stack, host, nodeLinkOf(host) ?? unnamedPort),
      ...additionalParts(stack, host).flatMap((part) => additionalOn(part, part.link ?? unnamedPort)),
    ],
    services: services(nodeNetworkOf(stack, host).dns),
  };
}

/** Where the installer gets its addresses from: a network on the port that boots, with the VLAN that tags it there. */
interface InstallerNetwork {
  readonly vlan: number | undefined;
  readonly networksOn: (link: string) => readonly object[];
  readonly dns: readonly string[];
}

/**
 * The node's network, where it is on the port that boots as far as that is known; else the first additional network
 * there. Undefined where the host has no address on that port.
 */
export function installerNetwork(stack: Stack, declared: Host): InstallerNetwork | undefined {
  const host = withNetworkVlans(stack, declared);
  const booting = bootingPort(host);
  const reaches = (link: string | undefined) => {
    const below = link === undefined ? [] : portsBelow(host, link);
    return booting === undefined || below.length === 0 || below.includes(booting);
  };
  const vlanOf = (link: string | undefined) => host.vlans.find(({ name }) => name === link)?.id;
  const { dns } = nodeNetworkOf(stack, host);
  if (addressingOf(stack, host.pool) === "fixed" && reaches(nodeLinkOf(host))) {
    const networksOn = (link: string) => nodeNetworksOn(stack, host, link);
    return { vlan: vlanOf(nodeLinkOf(host)), networksOn, dns };
  }
  const part = additionalParts(stack, host).find(
    ({ link, addresses }) =>
      booting !== undefined && link !== undefined && addresses.length > 0 && reaches(link),
  );
  if (part === undefined) return undefined;
  return {
    vlan: vlanOf(part.link),
    networksOn: (link) => additionalOn(part, link).map(withoutNameServers),
    dns: part.network.dns.length === 0 ? dns : part.network.dns,
  };
}

/** Ironic takes name servers as services only (ironic api/controllers/v1/network-data-schema.json). */
function withoutNameServers(network: Record<string, unknown>): object {
  return Object.fromEntries(Object.entries(network).filter(([key]) => key !== "dns_nameservers"));
}

/**
 * The network of the installer, which Ironic puts into its ramdisk: the host's own addresses on the port that boots,
 * tagged where they are. A bond is left out, as Ironic takes no LACP mode (ironic
 * api/controllers/v1/network-data-schema.json): the switch must let the port work alone, as for every network boot.
 */
export function installerNetworkData(
  host: Host,
  { vlan, networksOn, dns }: InstallerNetwork,
): Record<string, unknown> {
  const port = bootingPort(host) ?? unnamedPort;
  const mac = host.mac.toLowerCase();
  const tagged = vlan === undefined ? undefined : `${port}.${vlan}`;
  return {
    links: [
      { id: port, type: "phy", ethernet_mac_address: mac },
      ...(tagged === undefined
        ? []
        : [{ id: tagged, type: "vlan", vlan_id: vlan, vlan_link: port, vlan_mac_address: mac }]),
    ],
    networks: networksOn(tagged ?? port),
    services: services(dns),
  };
}

// "name" is what cloud-init renames a port to; bonds and VLANs it names by itself, as links/bond-names-kept and links/vlan-names-kept hold.
function linksOf(host: Host): readonly Link[] {
  if (host.links.length === 0) {
    return [{ id: unnamedPort, type: "phy", ethernet_mac_address: host.mac.toLowerCase() }];
  }
  return [
    ...host.links.map((port) => ({
      id: port.name,
      name: port.name,
      type: "phy",
      ethernet_mac_address: port.mac.toLowerCase(),
      ...(port.mtu === undefined ? {} : { mtu: port.mtu }),
    })),
    ...host.bonds.map((bond) => ({
      id: bond.name,
      name: bond.name,
      type: "bond",
      ethernet_mac_address: macOf(host, bond.name),
      ...bondOptions(bond),
      ...defined({ mtu: bond.mtu }),
    })),
    ...host.vlans.map((vlan) => ({
      id: vlan.name,
      name: vlan.name,
      type: "vlan",
      vlan_id: vlan.id,
      vlan_link: vlan.link,
      vlan_mac_address: macOf(host, vlan.link),
      ...(vlan.mtu === undefined ? {} : { mtu: vlan.mtu }),
    })),
  ];
}

/** The kernel's names of a bond's options (Documentation/networking/bonding.rst), as cloud-init hands them on. */
function bondOptions(bond: Host["bonds"][number]): Readonly<Record<string, unknown>> {
  return {
    bond_mode: bond.mode,
    bond_links: bond.links,
    ...(bond.arpInterval === undefined ? { bond_miimon: bond.miimon } : {}),
    ...defined({
      bond_xmit_hash_policy: bond.transmitHashPolicy,
      bond_updelay: bond.upDelay,
      bond_downdelay: bond.downDelay,
      bond_lacp_rate: bond.lacpRate,
      bond_ad_select: bond.adSelect,
      bond_min_links: bond.minLinks,
      bond_primary: bond.primary,
      bond_primary_reselect: bond.primaryReselect,
      bond_fail_over_mac: bond.failOverMac,
      bond_num_grat_arp: bond.gratuitousArp,
      bond_arp_interval: bond.arpInterval,
      bond_arp_ip_target: bond.arpTargets.length === 0 ? undefined : bond.arpTargets,
      bond_arp_validate: bond.arpValidate,
    }),
  };
}

function nodeNetworksOn(stack: Stack, host: Host, link: string): readonly object[] {
  const { nodes, gateway, secondary, routes } = nodeNetworkOf(stack, host);
  if (addressingOf(stack, host.pool) === "dhcp") {
    const type = parseCidr(nodes)?.family === 6 ? "ipv6_dhcp" : "ipv4_dhcp";
    return [{ id: "nodes", network_id: "nodes", type, link }];
  }
  return [
    fixedNetwork("nodes", link, { network: nodes, address: host.address, gateway, routes }),
    ...(secondary === undefined || host.secondaryAddress === undefined
      ? []
      : [
          fixedNetwork("nodes-secondary", link, {
            network: secondary.nodes,
            address: host.secondaryAddress,
            gateway: secondary.gateway,
            routes,
          }),
        ]),
  ];
}

/** An additional network on an interface, one entry per family. Without an address the interface only comes up. */
function additionalOn({ network, addresses }: AdditionalPart, link: string): Record<string, unknown>[] {
  return familiesOf(network).flatMap(({ id, cidr, gateway, routes, dns }) => {
    const address = addresses.find((text) => familyOf(text) === familyOf(cidr));
    if (address === undefined) return [];
    return [
      {
        ...fixedNetwork(id, link, { network: cidr, address, gateway, routes }),
        ...(dns.length === 0 ? {} : { dns_nameservers: dns }),
      },
    ];
  });
}

interface Fixed {
  readonly network: string;
  readonly address: string | undefined;
  readonly gateway: string | undefined;
  /** Those of both families. */
  readonly routes: NodeNetwork["routes"];
}

function fixedNetwork(id: string, link: string, { network, address, gateway, routes }: Fixed): object {
  const range = parseCidr(network);
  const family = range?.family === 6 ? 6 : 4;
  return {
    id,
    network_id: id,
    type: family === 6 ? "ipv6" : "ipv4",
    link,
    ip_address: address,
    netmask: range === undefined ? "" : netmaskOf(range.family, range.prefix),
    routes: [
      ...(gateway === undefined ? [] : [routeTo(`${family === 4 ? "0.0.0.0" : "::"}/0`, gateway)]),
      ...routes
        .filter(({ via }) => familyOf(via) === familyOf(network))
        .map(({ to, via }) => routeTo(to, via)),
    ],
  };
}

function services(dns: readonly string[]): readonly object[] {
  return dns.map((address) => ({ type: "dns", address }));
}

/** A route with a netmask that is written as an address, which OpenStack's format wants in IPv6, too. */
function routeTo(destination: string, gateway: string): Record<string, string> {
  const range = parseCidr(destination);
  const [network = destination] = destination.split("/");
  return { network, netmask: range === undefined ? "" : netmaskOf(range.family, range.prefix), gateway };
}
