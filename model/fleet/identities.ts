import { type FleetFinding, type FleetStack, othersText } from "./fleet-stack";

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
export function identitiesShared(stacks: readonly FleetStack[]): readonly FleetFinding[] {
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
