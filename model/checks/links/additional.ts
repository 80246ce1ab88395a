import { withNetworkVlans } from "../../plan/node-link";
import type { RuleResult } from "../../findings/finding";
import type { Stack } from "../../stack/schema";
import { listed, nearest } from "../../text/wording";
import { type Check, defineCheck } from "../check";
import { partsOf } from "../net/additional";
import { linksByName } from "./interfaces";

/** Checks of the interfaces that carry the additional networks of hosts. */
export const additionalLinkChecks: readonly Check[] = [
  defineCheck({
    id: "net/additional-link-known",
    summary: "Every additional network of a host is on an interface of the host that can carry it.",
    why: "an address on an interface that does not exist, or on a port of a bond, does not answer",
    acceptable: false,
    run: (stack) => partsOf(stack).flatMap((part) => unusableLink(stack, part)),
  }),
  defineCheck({
    id: "net/additional-vlan-fits",
    summary: "The VLAN of an additional network has a name and an MTU that its host can have.",
    why: "Linux refuses names of more than 15 characters and a VLAN that exists already; packets larger than the interface below accepts are dropped",
    acceptable: false,
    run: (stack) => partsOf(stack).flatMap((part) => unfitVlan(part)),
  }),
];

function unusableLink(
  stack: Stack,
  { network, networkAt, at, link, below, host, hostAt }: ReturnType<typeof partsOf>[number],
): readonly RuleResult[] {
  const own = host.networks.some(({ name, link: its }) => name === network.name && its !== undefined);
  const place = own ? `${at}.link` : `${networkAt}.link`;
  const names = [...host.links, ...host.bonds, ...host.vlans].map(({ name }) => name);
  const { bondOf, ports, bonds } = linksByName(host);
  const carrier = below ?? link;
  if (carrier === undefined) {
    return [
      {
        at: `${networkAt}.link`,
        problem: `no interface of ${host.name} carries ${network.name}`,
        fix:
          names.length === 0
            ? `add ${hostAt}.links, and name one of them`
            : `write link here, or in ${at}: ${listed(names)}`,
      },
    ];
  }
  const bond = bondOf.get(carrier);
  if (bond !== undefined)
    return [
      {
        at: place,
        problem: `"${carrier}" of ${host.name} is a member of ${bond.name}`,
        fix: `write ${bond.name}`,
      },
    ];
  const all = withNetworkVlans(stack, host).vlans.map(({ name }) => name);
  const exists = ports.has(carrier) || bonds.has(carrier) || (below === undefined && all.includes(carrier));
  if (exists) return [];
  if (below !== undefined && all.includes(carrier)) {
    return [
      {
        at: place,
        problem: `"${carrier}" of ${host.name} is a VLAN, and ${network.name} is VLAN ${network.vlan}`,
        fix: `write the link or bond below it, or remove ${networkAt}.vlan`,
      },
    ];
  }
  const guess = nearest(carrier, names);
  return [
    {
      at: place,
      problem: `"${carrier}" is not a link, bond or VLAN of ${host.name}`,
      fix:
        guess !== undefined
          ? `did you mean "${guess}"?`
          : names.length === 0
            ? `add it to ${hostAt}.links`
            : `use ${listed(names)}`,
    },
  ];
}

function unfitVlan({
  network,
  networkAt,
  at,
  link,
  below,
  host,
}: ReturnType<typeof partsOf>[number]): readonly RuleResult[] {
  if (link === undefined || below === undefined) return [];
  const declared = host.vlans.find(({ id, link: its }) => id === network.vlan && its === below);
  if (link.length > 15) {
    return [
      {
        at: `${networkAt}.vlan`,
        problem: `cloud-init names the VLAN ${link} on ${host.name}: ${link.length} characters, Linux accepts 15`,
        fix: `give the port of ${host.name} a shorter name, which cloud-init applies, such as lan0`,
      },
    ];
  }
  if (declared !== undefined && (declared.name !== link || (network.mtu ?? declared.mtu) !== declared.mtu)) {
    return [
      {
        at,
        problem: `${network.name} is ${link}${network.mtu === undefined ? "" : ` with MTU ${network.mtu}`}, and ${host.name} declares VLAN ${declared.id} on ${below} as ${declared.name}${declared.mtu === undefined ? "" : ` with MTU ${declared.mtu}`}`,
        fix: `remove ${declared.name} from the host's vlans: ${networkAt} brings it`,
      },
    ];
  }
  const { ports, bonds } = linksByName(host);
  const carrier = host.links[ports.get(below) ?? -1] ?? host.bonds[bonds.get(below) ?? -1];
  const most = carrier?.mtu ?? 1500;
  if (carrier === undefined || network.mtu === undefined || network.mtu <= most) return [];
  return [
    {
      at: `${networkAt}.mtu`,
      problem: `${network.mtu} of ${link} is more than the ${most} of ${below}, the interface below it on ${host.name}`,
      fix: `write at most ${most}, or mtu: ${network.mtu} for ${below}`,
    },
  ];
}
