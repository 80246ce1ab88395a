import type { Host, Stack } from "../../stack/schema";
import { listed } from "../../text/wording";
import { type Check, defineCheck, repeated } from "../check";
import { linksByName } from "./interfaces";

/** Every VLAN with its host and its place in the stack file. */
function vlansOf({ hosts }: Stack) {
  return hosts.flatMap((host, i) =>
    host.vlans.map((vlan, j) => ({
      vlan,
      number: j,
      host,
      hostAt: `hosts[${i}]`,
      at: `hosts[${i}].vlans[${j}]`,
    })),
  );
}

/** The longest interface name on Linux (IFNAMSIZ without the terminator). */
const longestName = 15;

/** The name that cloud-init gives a VLAN: the name of the interface below (of a bond: bond and its number) and the ID. */
function vlanNameOf(host: Host, { id, link }: Host["vlans"][number]): string {
  const bond = linksByName(host).bonds.get(link);
  return `${bond === undefined ? link : `bond${bond}`}.${id}`;
}

/** Checks of VLANs. */
export const vlanChecks: readonly Check[] = [
  defineCheck({
    id: "links/vlan-link-exists",
    summary: "Every VLAN is on a link or bond of the host.",
    why: "a VLAN without an interface below it never comes up, nor does the node's address",
    run: (stack) =>
      vlansOf(stack).flatMap(({ host, hostAt, vlan: { name, link }, at }) => {
        const { ports, bonds } = linksByName(host);
        if (ports.has(link) || bonds.has(link)) return [];
        const below = [...ports.keys(), ...bonds.keys()];
        return {
          at: `${at}.link`,
          problem: `"${link}" below ${name} is not a link or bond of ${host.name}`,
          fix: below.length === 0 ? `add it to ${hostAt}.links` : `use ${listed(below)}`,
        };
      }),
  }),
  defineCheck({
    id: "links/vlan-below-bond",
    summary: "VLANs are on bonds, not on their member ports.",
    why: "a port passes its packets to its bond, and a VLAN on the port receives none",
    run: (stack) =>
      vlansOf(stack).flatMap(({ host, vlan: { name, link }, at }) => {
        const bond = linksByName(host).bondOf.get(link);
        if (bond === undefined) return [];
        return {
          at: `${at}.link`,
          problem: `"${link}" below ${name} is a member of ${bond.name}`,
          fix: `write ${bond.name}`,
        };
      }),
  }),
  defineCheck({
    id: "links/vlan-id-once",
    summary: "Each VLAN ID is used once on each link.",
    why: "the kernel creates a VLAN once on each link and refuses the second, with everything that depends on it",
    run: (stack) =>
      repeated(vlansOf(stack), ({ hostAt, vlan }) => `${hostAt} ${vlan.id} ${vlan.link}`).map(
        ([first, again]) => ({
          at: `${again.at}.id`,
          problem: `VLAN ${again.vlan.id} on ${again.vlan.link} is already ${first.vlan.name}`,
          fix: "correct one of the two IDs",
        }),
      ),
  }),
  defineCheck({
    id: "links/vlan-name-fits",
    summary: "VLAN names have at most 15 characters on the machine.",
    why: "Linux refuses an interface name of more than 15 characters, and the machine boots without a network",
    acceptable: false,
    run: (stack) =>
      vlansOf(stack).flatMap(({ host, vlan, number, at }) => {
        const name = vlanNameOf(host, vlan);
        if (name.length <= longestName) return [];
        const port = linksByName(host).ports.get(vlan.link) ?? 0;
        const short = `lan${port}`;
        return {
          at: `${at}.link`,
          problem: `cloud-init names the VLAN ${name} on ${host.name}: ${name.length} characters, Linux accepts ${longestName}`,
          fix: `give the port a shorter name, which cloud-init applies: links[${port}].name: ${short}, vlans[${number}]: { name: ${short}.${vlan.id}, link: ${short} }`,
        };
      }),
  }),
  defineCheck({
    id: "links/vlan-names-kept",
    summary: "VLANs have the names that cloud-init gives them.",
    why: "cloud-init names a VLAN after the interface below and its ID, whatever its name here: kube-vip and the checks would look for an interface that the machine does not have",
    acceptable: false,
    run: (stack) =>
      vlansOf(stack).flatMap(({ host, vlan, at }) => {
        const name = vlanNameOf(host, vlan);
        const { ports, bonds, bondOf } = linksByName(host);
        const below = (ports.has(vlan.link) || bonds.has(vlan.link)) && !bondOf.has(vlan.link);
        // Other checks report a name that is too long, an impossible interface below, and a bond's name.
        const isKept = vlan.name === name || vlan.name === `${vlan.link}.${vlan.id}`;
        if (isKept || name.length > longestName || !below) return [];
        return {
          at: `${at}.name`,
          problem: `"${vlan.name}" becomes ${name} on ${host.name}`,
          fix: `write ${name} here, and wherever the name is used: nodeLink, kubernetes.endpoint.interface`,
          write: name,
        };
      }),
  }),
];
