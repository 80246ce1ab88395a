import type { FleetFinding, FleetStack } from "./fleet-stack";
import { identitiesShared } from "./identities";
import { type FreeRanges, type Proposal, freeRanges, proposalOf } from "./proposal";
import {
  type RangeClaim,
  networkClaims,
  networksShared,
  nodeAddressClaims,
  nodeAddressesShared,
} from "./ranges";
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
