import { parseCidr } from "../addresses/range";
import type { Host, Stack } from "../config/schema";

interface Link {
  readonly id: string;
  readonly type: string;
  readonly [field: string]: unknown;
}

/**
 * A host's network in OpenStack's network_data.json form, which cloud-init and Ironic read. We write it per host
 * instead of through Metal3DataTemplate, whose v1beta2 bonds refuse parameters (facts/capi-metal3.md 3.4); Metal3
 * keeps a networkData that it did not render itself.
 */
export function networkData(stack: Stack, host: Host): Record<string, unknown> {
  const links = linksOf(host);
  const node = parseCidr(stack.network.nodes);
  const carrier = host.nodeLink ?? links.at(-1)?.id ?? "";
  const routes =
    stack.network.gateway === undefined
      ? []
      : [defaultRoute(node?.family === 6 ? 6 : 4, stack.network.gateway)];
  return {
    links,
    networks: [
      {
        id: "nodes",
        type: node?.family === 6 ? "ipv6" : "ipv4",
        link: carrier,
        ip_address: host.address,
        netmask: node === undefined ? "" : netmaskOf(node.family, node.prefix),
        routes,
      },
    ],
    services: stack.network.dns.map((address) => ({ type: "dns", address })),
  };
}

function linksOf(host: Host): readonly Link[] {
  const ports = host.links.length > 0 ? host.links : [{ name: "boot", mac: host.mac, mtu: undefined }];
  const macOf = (name: string): string => ports.find((port) => port.name === name)?.mac ?? host.mac;
  return [
    ...ports.map((port) => ({
      id: port.name,
      type: "phy",
      ethernet_mac_address: port.mac.toLowerCase(),
      ...(port.mtu === undefined ? {} : { mtu: port.mtu }),
    })),
    ...host.bonds.map((bond) => ({
      id: bond.name,
      type: "bond",
      ethernet_mac_address: macOf(bond.links[0] ?? "").toLowerCase(),
      bond_mode: bond.mode,
      bond_links: bond.links,
      bond_miimon: bond.miimon,
      ...(bond.transmitHashPolicy === undefined ? {} : { bond_xmit_hash_policy: bond.transmitHashPolicy }),
      ...(bond.mtu === undefined ? {} : { mtu: bond.mtu }),
    })),
    ...host.vlans.map((vlan) => ({
      id: vlan.name,
      type: "vlan",
      vlan_id: vlan.id,
      vlan_link: vlan.link,
      vlan_mac_address: macOf(vlan.link).toLowerCase(),
      ...(vlan.mtu === undefined ? {} : { mtu: vlan.mtu }),
    })),
  ];
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
