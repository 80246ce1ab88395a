import { parseCidr } from "../../net/addresses";
import type { Host, Stack } from "../../stack/schema";
import { addressingOf } from "../../stack/addressing";
import { macOf, nodeLinkOf, portsBelow } from "../node-link";
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
export function networkData(stack: Stack, host: Host): Record<string, unknown> {
  return {
    links: linksOf(host),
    networks: networksOn(stack, host, nodeLinkOf(host) ?? unnamedPort),
    services: services(stack),
  };
}

/**
 * The network of the installer, which Ironic puts into its ramdisk: the node's own addresses on the port that boots,
 * tagged where the node's are. A bond is left out, as Ironic takes no LACP mode (ironic
 * api/controllers/v1/network-data-schema.json): the switch must let the port work alone, as for every network boot.
 */
export function installerNetworkData(stack: Stack, host: Host): Record<string, unknown> {
  const booting = host.links.find((link) => link.mac.toLowerCase() === host.mac.toLowerCase());
  const port = booting?.name ?? unnamedPort;
  const vlan = host.vlans.find(({ name }) => name === nodeLinkOf(host));
  const mac = host.mac.toLowerCase();
  return {
    links: [
      { id: port, type: "phy", ethernet_mac_address: mac },
      ...(vlan === undefined
        ? []
        : [
            {
              id: `${port}.${vlan.id}`,
              type: "vlan",
              vlan_id: vlan.id,
              vlan_link: port,
              vlan_mac_address: mac,
            },
          ]),
    ],
    networks: networksOn(stack, host, vlan === undefined ? port : `${port}.${vlan.id}`),
    services: services(stack),
  };
}

/** Whether the node's addresses can be the installer's: they are on the port that boots, as far as that is known. */
export function installerReachesNodes(host: Host): boolean {
  const carrier = nodeLinkOf(host);
  const booting = host.links.find((link) => link.mac.toLowerCase() === host.mac.toLowerCase());
  const below = carrier === undefined ? [] : portsBelow(host, carrier);
  return booting === undefined || below.length === 0 || below.includes(booting.name);
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
      bond_mode: bond.mode,
      bond_links: bond.links,
      bond_miimon: bond.miimon,
      ...defined({ bond_xmit_hash_policy: bond.transmitHashPolicy, mtu: bond.mtu }),
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

function networksOn(stack: Stack, host: Host, link: string): readonly object[] {
  const { nodes, gateway, secondary } = stack.network;
  if (addressingOf(stack, host.pool) === "dhcp") {
    const type = parseCidr(nodes)?.family === 6 ? "ipv6_dhcp" : "ipv4_dhcp";
    return [{ id: "nodes", network_id: "nodes", type, link }];
  }
  return [
    fixedNetwork("nodes", link, { network: nodes, address: host.address, gateway }),
    ...(secondary === undefined || host.secondaryAddress === undefined
      ? []
      : [
          fixedNetwork("nodes-secondary", link, {
            network: secondary.nodes,
            address: host.secondaryAddress,
            gateway: secondary.gateway,
          }),
        ]),
  ];
}

interface Fixed {
  readonly network: string;
  readonly address: string | undefined;
  readonly gateway: string | undefined;
}

function fixedNetwork(id: string, link: string, { network, address, gateway }: Fixed): object {
  const range = parseCidr(network);
  const family = range?.family === 6 ? 6 : 4;
  return {
    id,
    network_id: id,
    type: family === 6 ? "ipv6" : "ipv4",
    link,
    ip_address: address,
    netmask: range === undefined ? "" : netmaskOf(range.family, range.prefix),
    routes: gateway === undefined ? [] : [defaultRoute(family, gateway)],
  };
}

function services(stack: Stack): readonly object[] {
  return stack.network.dns.map((address) => ({ type: "dns", address }));
}

function defaultRoute(family: 4 | 6, gateway: string): Record<string, string> {
  return family === 4
    ? { network: "0.0.0.0", netmask: "0.0.0.0", gateway }
    : { network: "::", netmask: "::", gateway };
}

/** `255.255.255.0` for IPv4; OpenStack's format also wants IPv6 masks written as an address. */
function netmaskOf(family: 4 | 6, prefix: number): string {
  const bits = family === 4 ? 32 : 128;
  const mask = ((1n << BigInt(prefix)) - 1n) << BigInt(bits - prefix);
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => String((mask >> shift) & 255n)).join(".");
  return Array.from({ length: 8 }, (_, i) => ((mask >> BigInt(112 - 16 * i)) & 0xffffn).toString(16)).join(
    ":",
  );
}
