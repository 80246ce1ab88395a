import type { FleetPlan, RoutingDomain } from "./plan-fleet";

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
