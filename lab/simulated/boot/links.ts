import { parse } from "yaml";
import { list, number, text } from "../../../model/kubernetes/object";

/** The network of a machine that has booted, as far as its programs look at it. */
export interface MachineNetwork {
  /** Names of its interfaces. */
  readonly links: ReadonlySet<string>;
  readonly hasDefaultRoute: boolean;
}

/** A port as inspection found it. */
export interface Port {
  readonly name: string;
  readonly mac: string;
}

/**
 * What cloud-init makes of a network_data.json, or of none: then the first connected port uses DHCP. A port takes the name
 * that is written, else the kernel's; bonds are bond0, bond1 in their order and a VLAN is `<link>.<id>`, whatever name is
 * written (sources/helpers/openstack.py before cloud-init 26.1).
 */
export function machineNetwork(networkData: string | undefined, ports: readonly Port[]): MachineNetwork {
  if (networkData === undefined)
    return { links: new Set(ports.map(({ name }) => name)), hasDefaultRoute: ports.length > 0 };
  const data: unknown = parse(networkData);
  const names = new Map(ports.map(({ name, mac }) => [mac, name]));
  let bonds = 0;
  for (const link of list(data, "links")) {
    const id = text(link, "id") ?? "";
    const mac = (text(link, "ethernet_mac_address") ?? "").toLowerCase();
    if (text(link, "type") === "bond") names.set(id, `bond${bonds++}`);
    else if (text(link, "type") !== "vlan") {
      const name = text(link, "name") ?? names.get(mac) ?? id;
      names.set(mac, name).set(id, name);
    }
  }
  for (const link of list(data, "links").filter((each) => text(each, "type") === "vlan")) {
    const carrier = text(link, "vlan_link") ?? "";
    names.set(text(link, "id") ?? "", `${names.get(carrier) ?? carrier}.${number(link, "vlan_id") ?? ""}`);
  }
  return { links: new Set(names.values()), hasDefaultRoute: list(data, "networks").some(routesEverything) };
}

function routesEverything(network: unknown): boolean {
  if (/dhcp|slaac/.test(text(network, "type") ?? "")) return true;
  return list(network, "routes").some((route) => ["0.0.0.0", "::"].includes(text(route, "network") ?? ""));
}
