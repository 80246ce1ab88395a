import type { Host } from "../../stack/schema";
import { addressingOf, hostsOf } from "../../stack/addressing";
import { namedLinks, nodeLinkOf } from "../../plan/node-link";
import { type Check, type CheckResults, defineCheck, repeated } from "../check";

/** What Metal3DataTemplate accepts (CAPM3 v1.14 api/v1beta2/metal3datatemplate_types.go). */
const nameForm = /^[a-zA-Z][a-zA-Z0-9._-]*$/;

const [leastMtu, mostMtu] = [1280, 9000];

/** Checks of the links of hosts with pooled addresses, which Metal3DataTemplate carries. */
export const pooledLinkChecks: readonly Check[] = [
  defineCheck({
    id: "metal3/bonds-with-fixed-addresses",
    summary: "Hosts with bonds have fixed addresses or DHCP.",
    why: "machines with pooled addresses get their network from a Metal3DataTemplate, whose bonds have no miimon that cloud-init could read: a dead port would stay unnoticed",
    run: (stack) =>
      stack.hosts.flatMap(({ name, pool, bonds }, i) => {
        if (addressingOf(stack, pool) !== "pool" || bonds.length === 0) return [];
        return {
          at: `hosts[${i}].bonds`,
          problem: `${bonds.map((bond) => bond.name).join(", ")} of ${name} would not be created: pool ${pool} uses network.addressPool`,
          fix: `give every host of pool ${pool} an address, or remove network.addressPool and use DHCP`,
        };
      }),
  }),
  defineCheck({
    id: "metal3/pool-links-form",
    summary:
      "Links of hosts with pooled addresses have names, MTUs and VLAN IDs that Metal3DataTemplate accepts.",
    why: "Metal3DataTemplate, which carries these links, accepts fewer names and MTUs than Linux, and each VLAN ID once",
    acceptable: false,
    run: (stack) =>
      stack.hosts.flatMap((host, i) => (addressingOf(stack, host.pool) === "pool" ? ofHost(host, i) : [])),
  }),
  defineCheck({
    id: "metal3/pool-links-uniform",
    summary: "All hosts of a pool with pooled addresses have the same links.",
    why: "these machines are created from one template in which only MAC addresses differ, so one host's links would apply to all",
    run: (stack) => {
      const orders = new Map(stack.hosts.map((host, i) => [host, i]));
      return [...new Set(stack.hosts.map(({ pool }) => pool))]
        .filter((pool) => addressingOf(stack, pool) === "pool")
        .flatMap((pool) => {
          const [first, ...others] = hostsOf(stack, pool);
          if (first === undefined) return [];
          const links = linkText(first);
          return others
            .filter((host) => linkText(host) !== links)
            .map((host) => ({
              at: `hosts[${orders.get(host) ?? 0}]`,
              problem: `${host.name} has ${linkText(host)}, ${first.name} of the same pool has ${links}`,
              fix: "use the same links, VLANs, MTUs, networks and nodeLink for every host of the pool, or give its hosts addresses",
            }));
        });
    },
  }),
];

function ofHost(host: Host, i: number): CheckResults {
  return [
    ...namedLinks(host).flatMap(({ at, name, mtu }) => [
      nameForm.test(name)
        ? []
        : {
            at: `hosts[${i}].${at}.name`,
            problem: `"${name}" is not a name that Metal3 accepts`,
            fix: "begin with a letter, and use letters, digits, dots, dashes and underscores only",
          },
      mtu === undefined || (mtu >= leastMtu && mtu <= mostMtu)
        ? []
        : {
            at: `hosts[${i}].${at}.mtu`,
            problem: `${mtu} of ${name} is outside ${leastMtu} to ${mostMtu}`,
            fix: `write at ${mtu < leastMtu ? "least" : "most"} ${mtu < leastMtu ? leastMtu : mostMtu}, or give the hosts of the pool addresses`,
          },
    ]),
    ...repeated(
      host.vlans.map(({ id, name }, j) => ({ at: `hosts[${i}].vlans[${j}].id`, id, name })),
      ({ id }) => String(id),
    ).map(([first, again]) => ({
      at: again.at,
      problem: `VLAN ${again.id} of ${again.name} is also that of ${first.name}`,
      fix: "give each VLAN its own ID, or the hosts of the pool addresses",
    })),
  ];
}

/** The part of a host's links that the template shares between all hosts of a pool. */
function linkText(host: Host): string {
  const { links, vlans } = host;
  if (links.length === 0 && vlans.length === 0 && host.networks.length === 0) return "no links";
  const mtuText = (mtu: number | undefined) => (mtu === undefined ? "" : ` mtu ${mtu}`);
  return [
    ...links.map(({ name, mtu }) => `${name}${mtuText(mtu)}`),
    ...vlans.map(({ name, id, link, mtu }) => `${name} (${id} on ${link})${mtuText(mtu)}`),
    `the node on ${nodeLinkOf(host)}`,
    ...host.networks.map(({ name, link }) => `${name}${link === undefined ? "" : ` on ${link}`}`),
  ].join(", ");
}
