import type { BgpRouter, Stack } from "../stack/schema";
import { type FleetFinding, type FleetStack, othersText } from "./ranges";

interface RouterUse {
  readonly stack: string;
  readonly at: string;
  readonly router: BgpRouter;
}

/** What every stack that peers with a router must say alike. */
const facts = ["asn", "addresses", "port", "routerId", "clusterId"] as const;

/** Routers that two stacks describe differently, or call by two names. */
export function routersDisagreed(stacks: readonly FleetStack[]): readonly FleetFinding[] {
  const byName = new Map<string, RouterUse>();
  const byAddress = new Map<string, RouterUse>();
  const findings: FleetFinding[] = [];
  for (const use of stacks.flatMap(routerUses)) {
    const first = byName.get(use.router.name);
    if (first === undefined) byName.set(use.router.name, use);
    else for (const each of disagreements(use, first)) findings.push(each);
    for (const [j, address] of use.router.addresses.entries()) {
      const other = byAddress.get(address);
      if (other === undefined) byAddress.set(address, use);
      else if (other.router.name !== use.router.name) {
        findings.push({
          id: "fleet/router-names-agreed",
          severity: "error",
          stack: use.stack,
          at: `${use.at}.addresses[${j}]`,
          problem: `${address} is also ${othersText([{ ...other, text: `"${other.router.name}"` }])}`,
          fix: `give one router one name: "${other.router.name}"`,
        });
      }
    }
  }
  return findings;
}

/** Two clusters with one ASN on one router: each drops the other's routes as its own. */
export function asnsShared(stacks: readonly FleetStack[]): readonly FleetFinding[] {
  const first = new Map<string, { stack: string; at: string; text: string }>();
  const findings: FleetFinding[] = [];
  for (const { name, stack } of stacks) {
    for (const { router, asn, at } of sessionsOf(stack)) {
      const key = `${router} ${asn}`;
      const other = first.get(key);
      if (other === undefined) first.set(key, { stack: name, at, text: `${asn}` });
      else if (other.stack !== name) {
        findings.push({
          id: "fleet/asns-unique",
          severity: "warning",
          stack: name,
          at,
          problem: `AS ${asn} on router ${router} is also ${othersText([other])}`,
          fix: "give each cluster an ASN of its own on a router",
        });
      }
    }
  }
  return findings;
}

function routerUses({ name, stack }: FleetStack): readonly RouterUse[] {
  return (stack.bgp?.routers ?? []).map((router, i) => ({ stack: name, at: `bgp.routers[${i}]`, router }));
}

function disagreements(use: RouterUse, first: RouterUse): readonly FleetFinding[] {
  return facts
    .filter((fact) => JSON.stringify(use.router[fact]) !== JSON.stringify(first.router[fact]))
    .map((fact) => ({
      id: "fleet/routers-agreed",
      severity: "error",
      stack: use.stack,
      at: `${use.at}.${fact}`,
      problem:
        `router ${use.router.name} has ${fact} ${JSON.stringify(use.router[fact] ?? null)} here, ` +
        `${JSON.stringify(first.router[fact] ?? null)} at ${first.at} of stack ${first.stack}`,
      fix: "write the same in both files, or give two routers two names",
    }));
}

/** Each eBGP pairing of a stack once; with iBGP the router's ASN is the cluster's own. */
function sessionsOf(stack: Stack): readonly { router: string; asn: number; at: string }[] {
  const { bgp } = stack;
  if (bgp === undefined) return [];
  const asnOf = new Map(bgp.routers.map(({ name, asn }) => [name, asn]));
  const speakers = [
    ...bgp.instances.map(({ localASN, peers }, i) => ({
      localASN,
      routers: peers.flatMap((peer) => peer.routers),
      at: `bgp.instances[${i}].localASN`,
    })),
    ...bgp.endpoint.map(({ localASN, routers }, i) => ({
      localASN,
      routers,
      at: `bgp.endpoint[${i}].localASN`,
    })),
  ];
  return speakers.flatMap(({ localASN, routers, at }) =>
    [...new Set(routers)]
      .filter((router) => asnOf.get(router) !== localASN)
      .map((router) => ({ router, asn: localASN, at })),
  );
}
