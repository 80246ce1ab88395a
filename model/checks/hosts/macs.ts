import type { Stack } from "../../config/schema";

/** A MAC address of the inventory, in lower case, and whose it is. */
export interface NamedMac {
  readonly at: string;
  readonly host: number;
  readonly mac: string;
}

/** Every MAC address that hosts and their links name; a booting port that is also a link comes once, as the link. */
export function macsOf({ hosts }: Stack): readonly NamedMac[] {
  return hosts.flatMap(({ mac, links }, host) => {
    const ports = links.map((link, j) => ({
      at: `hosts[${host}].links[${j}].mac`,
      host,
      mac: link.mac.toLowerCase(),
    }));
    const boot = mac.toLowerCase();
    return ports.some((port) => port.mac === boot)
      ? ports
      : [{ at: `hosts[${host}].mac`, host, mac: boot }, ...ports];
  });
}

/** Six hexadecimal pairs with colons. */
export const macForm = /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i;
