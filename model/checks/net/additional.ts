import { type Family, contains, familyOf, parseAddress, parseCidr, usableIn } from "../../net/addresses";
import type { RuleResult } from "../../findings/finding";
import { addressingOf } from "../../stack/addressing";
import { type AdditionalPart, additionalParts, familiesOf, nodeNetworkOf } from "../../stack/host-networks";
import type { Host, Stack } from "../../stack/schema";
import { listed, nearest } from "../../text/wording";
import { type Check, defineCheck, duplicates, repeated } from "../check";

/** Every additional network of every host, with its place in the stack file. */
export function partsOf(
  stack: Stack,
): readonly (AdditionalPart & { readonly host: Host; readonly hostAt: string })[] {
  return stack.hosts.flatMap((host, i) =>
    additionalParts(stack, host).map((part) => ({
      ...part,
      at: `hosts[${i}].${part.at}`,
      host,
      hostAt: `hosts[${i}]`,
    })),
  );
}

/** The addresses of an additional network itself, each with its place. */
function addressesOf(network: Stack["network"]["additional"][number], at: string) {
  return [
    ...network.gateways.map((text, j) => ({ at: `${at}.gateways[${j}]`, text })),
    ...network.addressPools.flatMap(({ start, end }, j) => [
      { at: `${at}.addressPools[${j}].start`, text: start },
      { at: `${at}.addressPools[${j}].end`, text: end },
    ]),
  ];
}

/** A default gateway of a host, with its place; `entry` is the host's entry of the additional network that it is in. */
interface Gateway {
  readonly at: string;
  readonly family: Family;
  readonly entry?: string;
}

/** Names of objects and networks that the node networks have. */
const reserved = /^nodes$|-secondary$/;

/** Checks of the additional networks of hosts. */
export const additionalNetworkChecks: readonly Check[] = [
  defineCheck({
    id: "net/additional-network-known",
    summary: "Hosts name networks of network.additional.",
    why: "the host gets no address in a network that the stack does not describe",
    run: ({ hosts, network }) => {
      const known = network.additional.map(({ name }) => name);
      return hosts.flatMap(({ networks, name: host }, i) =>
        networks.flatMap(({ name }, j) => {
          if (known.includes(name)) return [];
          const guess = nearest(name, known);
          return {
            at: `hosts[${i}].networks[${j}].name`,
            problem: `"${name}" of ${host} is not a network of network.additional`,
            fix:
              guess !== undefined
                ? `did you mean "${guess}"?`
                : known.length === 0
                  ? "add it to network.additional"
                  : `use ${listed(known)}, or add it to network.additional`,
            ...(guess === undefined ? {} : { write: guess }),
          };
        }),
      );
    },
  }),
  defineCheck({
    id: "net/additional-names-unique",
    summary: "Every additional network has its own name, and each host is in it once.",
    why: "address pools and the entries of a machine's network are named after it",
    acceptable: false,
    run: ({ hosts, network }) => [
      ...duplicates(
        network.additional.map(({ name: text }, i) => ({ at: `network.additional[${i}].name`, text })),
        "give each network its own name",
      ),
      ...network.additional.flatMap(({ name }, i) =>
        reserved.test(name)
          ? {
              at: `network.additional[${i}].name`,
              problem: `"${name}" is a name of the nodes' network or of a second family`,
              fix: "choose another name, such as storage",
            }
          : [],
      ),
      ...hosts.flatMap(({ networks }, i) =>
        duplicates(
          networks.map(({ name: text }, j) => ({ at: `hosts[${i}].networks[${j}].name`, text })),
          "write all addresses of the host in this network into one entry",
        ),
      ),
    ],
  }),
  defineCheck({
    id: "net/additional-families",
    summary: "An additional network has at most one CIDR, gateway and address pool of each family.",
    why: "an interface has one address and one default route of each family",
    acceptable: false,
    run: ({ network }) =>
      network.additional.flatMap(({ cidrs, gateways, addressPools }, i) =>
        (
          [
            ["cidrs", cidrs],
            ["gateways", gateways],
            ["addressPools", addressPools.map(({ start }) => start)],
          ] as const
        ).flatMap(([key, texts]) =>
          repeated(
            texts.map((text, j) => ({ text, at: `network.additional[${i}].${key}[${j}]` })),
            ({ text }) => familyOf(text),
          ).map(([first, again]) => ({
            at: again.at,
            problem: `"${again.text}" is of the same family as "${first.text}"`,
            fix: "keep one of the two; a second network of a family is a network with its own name",
          })),
        ),
      ),
  }),
  defineCheck({
    id: "net/additional-addresses-inside",
    summary: "Gateways, address pools and hosts have usable addresses inside their additional network.",
    why: "an address outside the network of its link is unreachable, and the kernel refuses such a gateway",
    acceptable: false,
    run: (stack) => [
      ...stack.network.additional.flatMap((network, i) =>
        addressesOf(network, `network.additional[${i}]`).flatMap((address) => outside(network, address)),
      ),
      ...partsOf(stack).flatMap(({ network, at, addresses }) =>
        addresses.flatMap((text, k) => outside(network, { at: `${at}.addresses[${k}]`, text })),
      ),
    ],
  }),
  defineCheck({
    id: "net/additional-addresses-given",
    summary:
      "A host has one address in each CIDR of its additional networks, or its machine gets them from pools.",
    why: "without its address the machine is in the network by its link only, and programs that bind to it do not start",
    run: (stack) => partsOf(stack).flatMap((part) => missingAddresses(stack, part)),
  }),
  defineCheck({
    id: "net/additional-settings-used",
    summary: "Every setting of an additional network applies to at least one machine.",
    why: "the setting has no effect although the stack file suggests that it does",
    severity: "warning",
    run: (stack) =>
      stack.network.additional.flatMap((network, i) => unused(stack, network, `network.additional[${i}]`)),
  }),
  defineCheck({
    id: "net/default-route-once",
    summary: "A host has at most one default gateway of each family.",
    why: "of two default routes the kernel chooses one, and replies leave through the wrong network",
    run: (stack) =>
      stack.hosts.flatMap((host, i) => {
        const { at: nodeAt, nodes, gateway, secondary } = nodeNetworkOf(stack, host);
        const dhcp = addressingOf(stack, host.pool) === "dhcp";
        const gateways: readonly Gateway[] = [
          ...(dhcp ? [{ at: "DHCP on the nodes' network", family: familyOf(nodes) }] : []),
          ...(dhcp || gateway === undefined ? [] : [{ at: `${nodeAt}.gateway`, family: familyOf(gateway) }]),
          ...(dhcp || secondary?.gateway === undefined
            ? []
            : [{ at: `${nodeAt}.secondary.gateway`, family: familyOf(secondary.gateway) }]),
          ...additionalParts(stack, host).flatMap(({ network, networkAt, at: entry }) =>
            network.gateways.map((text, j) => ({
              at: `${networkAt}.gateways[${j}]`,
              family: familyOf(text),
              entry,
            })),
          ),
        ];
        return repeated(gateways, ({ family }) => family).flatMap(([first, { at, entry }]) =>
          entry === undefined
            ? []
            : {
                at: `hosts[${i}].${entry}`,
                problem: `${host.name} gets a default route from ${at} and from ${first.at}`,
                fix: "keep one of the gateways; write routes for the destinations behind the other",
              },
        );
      }),
  }),
];

function outside(
  { cidrs, name }: Stack["network"]["additional"][number],
  { at, text }: { readonly at: string; readonly text: string },
): readonly RuleResult[] {
  const address = parseAddress(text);
  const ranges = cidrs.flatMap((cidr) => parseCidr(cidr) ?? []);
  if (address === undefined || ranges.some((range) => contains(usableIn(range), address))) return [];
  const own = ranges.find(({ family }) => family === address.family);
  return [
    {
      at,
      problem:
        own === undefined
          ? `"${text}" is IPv${address.family}, and ${name} has ${cidrs.join(", ")} only`
          : `"${text}" is not a usable address inside ${own.text} of ${name}`,
      fix:
        own === undefined
          ? `write an address inside ${cidrs.join(", ")}, or add an IPv${address.family} network to cidrs`
          : `choose a free address inside ${own.text}`,
    },
  ];
}

function missingAddresses(
  stack: Stack,
  { network, networkAt, at, host, addresses }: ReturnType<typeof partsOf>[number],
): readonly RuleResult[] {
  const pooled = addressingOf(stack, host.pool) === "pool";
  if (pooled && addresses.length > 0) {
    return [
      {
        at: `${at}.addresses`,
        problem: `${addresses.join(", ")} of ${host.name} cannot be assigned: the machines of pool ${host.pool} get all their addresses from pools`,
        fix: `remove it, and add ${networkAt}.addressPools; or give every host of pool ${host.pool} an address`,
      },
    ];
  }
  return familiesOf(network).flatMap(({ cidr, addressPool }) => {
    if (pooled) {
      if (addressPool !== undefined) return [];
      return {
        at: `${networkAt}.addressPools`,
        problem: `the machines of pool ${host.pool} get their addresses from pools, and there is none in ${cidr}`,
        fix: `add a range inside ${cidr}`,
      };
    }
    const own = addresses.filter((text) => familyOf(text) === familyOf(cidr));
    if (own.length === 1) return [];
    return {
      at: `${at}.addresses`,
      problem:
        own.length === 0
          ? `${host.name} has no address in ${cidr} of ${network.name}`
          : `${host.name} has ${own.join(" and ")} in ${cidr} of ${network.name}`,
      fix: own.length === 0 ? `add a free address inside ${cidr}` : "keep one of them",
    };
  });
}

function unused(
  stack: Stack,
  network: Stack["network"]["additional"][number],
  at: string,
): readonly RuleResult[] {
  const parts = partsOf(stack).filter((part) => part.network === network);
  if (parts.length === 0) {
    return [
      {
        at,
        problem: `no host is in ${network.name}`,
        fix: `remove it, or add { name: ${network.name} } to the networks of hosts`,
      },
    ];
  }
  const pooled = parts.filter(({ host }) => addressingOf(stack, host.pool) === "pool");
  return [
    ...(network.mtu !== undefined && network.vlan === undefined
      ? [
          {
            at: `${at}.mtu`,
            problem: `${network.name} has no VLAN of its own to which the MTU could apply`,
            fix: "write the MTU to the link, bond or VLAN of the hosts, or add vlan",
          },
        ]
      : []),
    ...(network.addressPools.length > 0 && pooled.length === 0
      ? [
          {
            at: `${at}.addressPools`,
            problem: `no machine in ${network.name} gets its addresses from a pool`,
            fix: "remove it, or add network.addressPool and leave the addresses of the hosts out",
          },
        ]
      : []),
    ...(network.dns.length > 0 && pooled.length === parts.length
      ? [
          {
            at: `${at}.dns`,
            problem: `the machines in ${network.name} get their addresses from pools, and only the name servers of network.dns`,
            fix: "write the name servers into network.dns",
          },
        ]
      : []),
  ];
}
