import type { Stack } from "../../stack/schema";
import { type Check, defineCheck, duplicates } from "../check";

/** A MAC address of the inventory, in lower case, with its host. */
interface NamedMac {
  readonly at: string;
  readonly host: number;
  readonly mac: string;
}

/** Every MAC address that hosts and their links name; a boot port that is also a link is listed once, as the link. */
function macsOf({ hosts }: Stack): readonly NamedMac[] {
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

/** The first two hosts of each address: more are not needed to know whether it is another's. */
function ownersOf(macs: readonly NamedMac[]): ReadonlyMap<string, ReadonlySet<number>> {
  const owners = new Map<string, Set<number>>();
  for (const { mac, host } of macs) {
    const known = owners.get(mac) ?? new Set<number>();
    owners.set(mac, known);
    if (known.size < 2) known.add(host);
  }
  return owners;
}

/** Six hexadecimal pairs with colons. */
const macForm = /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i;

/** Checks of MAC addresses. */
export const macChecks: readonly Check[] = [
  defineCheck({
    id: "hosts/mac-format",
    summary: "MAC addresses are six hexadecimal pairs with colons.",
    why: "Metal3 refuses any other format",
    run: (stack) =>
      macsOf(stack).flatMap(({ at, mac }) =>
        macForm.test(mac)
          ? []
          : [{ at, problem: `"${mac}" is not a MAC address`, fix: `write ${spelling(mac)}` }],
      ),
  }),
  defineCheck({
    id: "hosts/mac-unicast",
    summary: "MAC addresses are unicast addresses.",
    why: "no port has such an address, so the host is not recognized when it boots",
    run: (stack) =>
      macsOf(stack).flatMap(({ at, mac }) => {
        if (!macForm.test(mac)) return [];
        const group = (Number.parseInt(mac.slice(0, 2), 16) & 1) === 1;
        const kind =
          mac === "ff:ff:ff:ff:ff:ff"
            ? "broadcast"
            : group
              ? "multicast"
              : mac === "00:00:00:00:00:00"
                ? "empty"
                : "";
        if (kind === "") return [];
        return {
          at,
          problem: `"${mac}" is ${kind === "empty" ? "an empty address" : `a ${kind} address`}`,
          fix: "write the address printed on the port, or shown by the BMC",
        };
      }),
  }),
  defineCheck({
    id: "hosts/mac-unique",
    summary: "Every host has a distinct MAC address.",
    why: "the provisioner identifies servers by their MAC addresses",
    acceptable: false,
    run: (stack) =>
      duplicates(
        macsOf(stack).map(({ at, mac: text, host }) => ({ at, text, of: stack.hosts[host]?.name })),
        "correct one of the two",
      ),
  }),
  defineCheck({
    id: "hosts/boot-mac-among-links",
    summary: "The MAC address of the boot port is one of the host's links.",
    why: "the boot port belongs to another machine, or is left without a configuration after the installation",
    run: (stack) => {
      const owners = ownersOf(macsOf(stack));
      return stack.hosts.flatMap(({ mac: text, links, name }, i) => {
        const mac = text.toLowerCase();
        const elsewhere = [...(owners.get(mac) ?? [])].some((host) => host !== i);
        const known = links.some((link) => link.mac.toLowerCase() === mac);
        if (links.length === 0 || known || elsewhere || !macForm.test(mac)) return [];
        return {
          at: `hosts[${i}].mac`,
          problem: `"${text}" is none of the links of ${name}: ${links.map((link) => `${link.name} ${link.mac}`).join(", ")}`,
          fix: "write the address of the boot link, or add that link",
        };
      });
    },
  }),
];

/** The same address as Metal3 spells it, where twelve digits can be found; else an example. */
function spelling(mac: string): string {
  const digits = mac.replace(/[^0-9a-f]/g, "");
  if (digits.length !== 12) return "six hexadecimal pairs with colons, such as 52:54:00:aa:00:01";
  return digits.replace(/..(?=.)/g, "$&:");
}
