import {
  type FleetFinding,
  type FleetStack,
  type RangeClaim,
  othersText,
  networkClaims,
  networksShared,
  nodeAddressClaims,
  nodeAddressesShared,
} from "./ranges";
import { type FreeRanges, type Proposal, freeRanges, proposalOf } from "./proposal";
import { asnsShared, routersDisagreed } from "./routers";

/** Stacks that can reach each other, and what is left between them. */
interface RoutingDomain {
  readonly name: string;
  readonly stacks: readonly string[];
  readonly free: readonly FreeRanges[];
  /** For a new stack in this domain. */
  readonly proposal: Proposal;
}

/** Everything there is to say about several stacks at once. */
export interface FleetPlan {
  readonly findings: readonly FleetFinding[];
  /** At least the default one, also when there are no stacks. */
  readonly domains: readonly RoutingDomain[];
}

/** The routing domain of a stack that names none. */
const defaultDomain = "default";

/** What no two stacks may share, and what is still free. Servers, names and routers are compared across all domains. */
export function planFleet(stacks: readonly FleetStack[]): FleetPlan {
  const names = new Set([defaultDomain, ...stacks.map(({ stack }) => stack.network.routingDomain)]);
  const domains = [...names].sort().map((name) => {
    const members = stacks.filter(({ stack }) => stack.network.routingDomain === name);
    const claims = members.flatMap(networkClaims);
    return { name, members, claims, proposal: proposalOf(members, claims) };
  });
  return {
    findings: [
      ...domains.flatMap(({ members, claims, proposal }) => [
        ...networksShared(claims, (claim) => freeInstead(claim, proposal)),
        ...nodeAddressesShared(members.flatMap(nodeAddressClaims)),
        ...asnsShared(members),
      ]),
      ...identitiesShared(stacks),
      ...routersDisagreed(stacks),
    ],
    domains: domains.map(({ name, members, claims, proposal }) => ({
      name,
      stacks: members.map((member) => member.name),
      free: freeRanges(claims),
      proposal,
    })),
  };
}

function freeInstead({ family, kind }: RangeClaim, proposal: Proposal): string | undefined {
  if (family === 6) return undefined;
  return kind === "pods" ? proposal.pods : kind === "load balancer" ? proposal.loadBalancer : undefined;
}

/** What is free and what a new stack may take, for people: a few lines for each routing domain. */
export function fleetText({ domains }: FleetPlan): string {
  return [
    ...domains.flatMap(domainLines),
    "",
    "A new stack that takes these: npm run metal -- new NAME",
  ].join("\n");
}

function domainLines({ name, stacks, free, proposal }: RoutingDomain): readonly string[] {
  const next = [
    ...(proposal.pods === undefined ? [] : [`pods ${proposal.pods}`]),
    ...(proposal.loadBalancer === undefined ? [] : [`load balancer ${proposal.loadBalancer}`]),
    ...(proposal.asn === undefined ? [] : [`AS ${proposal.asn}`]),
    ...(proposal.nodes?.endpoint === undefined
      ? []
      : [`endpoint ${proposal.nodes.endpoint} in ${proposal.nodes.network}`]),
  ];
  return [
    "",
    `routing domain ${name}: ${names(stacks)}`,
    ...free.map(
      ({ network, largest, podNetworks }) =>
        `  free  ${network.padEnd(15)} ${podNetworks} pod networks; largest ${largest.length === 0 ? "none" : largest.join(", ")}`,
    ),
    `  next  ${next.join(", ")}`,
  ];
}

function names(stacks: readonly string[]): string {
  if (stacks.length <= 5) return stacks.length === 0 ? "no stacks" : stacks.join(", ");
  return `${stacks.slice(0, 5).join(", ")} and ${stacks.length - 5} more`;
}

/** Something that only one place of the fleet may name. */
interface Identity {
  readonly id: string;
  /** Two equal keys are one thing. */
  readonly key: string;
  readonly stack: string;
  readonly at: string;
  readonly text: string;
}

/** MAC addresses, BMCs, disks' serial numbers and cluster names that two stacks name: each would work on the other's servers. */
function identitiesShared(stacks: readonly FleetStack[]): readonly FleetFinding[] {
  const first = new Map<string, Identity>();
  const findings: FleetFinding[] = [];
  for (const identity of stacks.flatMap(identitiesOf)) {
    const place = `${identity.id} ${identity.key}`;
    const other = first.get(place);
    if (other === undefined) first.set(place, identity);
    else if (other.stack !== identity.stack) findings.push(shared(identity, other));
  }
  return findings;
}

function shared({ id, stack, at, text }: Identity, other: Identity): FleetFinding {
  return {
    id,
    severity: "error",
    stack,
    at,
    problem: `"${text}" is also ${othersText([other])}`,
    fix: "one thing belongs to one stack: correct one of the two files",
  };
}

function identitiesOf({ name, stack }: FleetStack): readonly Identity[] {
  const of = (id: string, at: string, text: string, key = text.toLowerCase()): Identity => ({
    id,
    key,
    stack: name,
    at,
    text,
  });
  return [
    of("fleet/cluster-names-unique", "name", stack.name),
    ...stack.hosts.flatMap((host, i) => [
      ...macsOf(host).map(({ at, mac }) => of("fleet/macs-unique", `hosts[${i}].${at}`, mac)),
      of("fleet/bmc-addresses-unique", `hosts[${i}].bmc.address`, host.bmc.address, bmcKey(host.bmc.address)),
      ...(host.rootDeviceHints?.serialNumber === undefined
        ? []
        : [
            of(
              "fleet/serials-unique",
              `hosts[${i}].rootDeviceHints.serialNumber`,
              host.rootDeviceHints.serialNumber,
            ),
          ]),
    ]),
  ];
}

/** The booting port is usually among the links; it counts once. */
function macsOf(host: FleetStack["stack"]["hosts"][number]): readonly { at: string; mac: string }[] {
  const boot = host.mac.toLowerCase();
  return [
    { at: "mac", mac: host.mac },
    ...host.links
      .map(({ mac }, j) => ({ at: `links[${j}].mac`, mac }))
      .filter(({ mac }) => mac.toLowerCase() !== boot),
  ];
}

/** One BMC under two drivers is still one BMC: what follows the scheme counts. */
function bmcKey(address: string): string {
  return address
    .replace(/^[^:]+:\/\//, "")
    .replace(/\/+$/, "")
    .toLowerCase();
}

/** What must hold for a fleet, by id, and why; the other files of this folder find it. */
export const fleetRules = [
  {
    id: "fleet/ranges-disjoint",
    summary: "Networks of different stacks do not overlap.",
    why: "a router sends packets for an address that two clusters announce to only one of them",
  },
  {
    id: "fleet/endpoints-unique",
    summary: "Every stack has its own endpoint.",
    why: "two clusters answer at one address, and each node joins the one that answers first",
  },
  {
    id: "fleet/host-addresses-unique",
    summary: "Hosts of different stacks have different addresses.",
    why: "two machines with the same address disrupt each other's traffic",
  },
  {
    id: "fleet/cluster-names-unique",
    summary: "Every stack has its own cluster name.",
    why: "objects and routes of two clusters cannot be distinguished",
  },
  {
    id: "fleet/macs-unique",
    summary: "Every MAC address belongs to one stack.",
    why: "the provisioner would boot one stack's server for the other",
  },
  {
    id: "fleet/bmc-addresses-unique",
    summary: "Every BMC belongs to one stack.",
    why: "one stack would power off and wipe the other's server",
  },
  {
    id: "fleet/serials-unique",
    summary: "Every disk belongs to one host.",
    why: "one disk cannot be in two servers, so one of the two serial numbers is wrong",
  },
  {
    id: "fleet/asns-unique",
    summary: "Clusters with a common router have different ASNs.",
    why: "each cluster drops routes that contain its own ASN, which are the other's",
  },
  {
    id: "fleet/routers-agreed",
    summary: "Stacks agree about the routers that they share.",
    why: "one of the two descriptions is wrong, and its sessions stay down",
  },
  {
    id: "fleet/router-names-agreed",
    summary: "A router has one name in all stacks.",
    why: "one router with two names gets two configurations for one process",
  },
] as const;
