import { planFleet } from "../model/fleet/plan-fleet";
import type { FleetStack } from "../model/fleet/ranges";
import { syntheticStack } from "../test/fleet/fleet";

/**
 * How long the fleet's plan takes, how that grows, and how much memory it needs: from 10 to 2,000 synthetic stacks of 20
 * hosts, the larger of which also hold 300 overlaps in known places, all of which must be found. The whole command also
 * reads and checks the files: `npm run metal -- fleet`.
 */
const hosts = 20;
const overlaps = 300;
const rounds = 3;

for (const count of [10, 100, 1000, 2000]) {
  const fleet = Array.from({ length: count }, (_, n) => syntheticStack(n, hosts));
  const seeded = count > overlaps ? withOverlaps(fleet) : { stacks: fleet, pairs: [] };
  const times: number[] = [];
  let found = 0;
  for (let round = 0; round < rounds; round++) {
    const started = performance.now();
    const findings = planFleet(seeded.stacks).findings;
    times.push(performance.now() - started);
    const said = findings.map(({ stack, problem }) => `${stack}: ${problem} `);
    found = seeded.pairs.filter(([one, other]) =>
      said.some((line) => line.startsWith(`${other}: `) && line.includes(`${one} `)),
    ).length;
  }
  const median = times.sort((a, b) => a - b)[Math.floor(rounds / 2)] ?? Number.NaN;
  const memory = process.memoryUsage().rss / 1024 / 1024;
  process.stdout.write(
    `${String(count).padStart(5)} stacks of ${hosts} hosts  ${median.toFixed(0).padStart(5)} ms  ` +
      `${((median / count) * 1000).toFixed(0).padStart(5)} us a stack  ${memory.toFixed(0)} MiB resident` +
      (seeded.pairs.length === 0 ? "\n" : `  ${found} of ${seeded.pairs.length} overlaps found\n`),
  );
}

/** Gives every second of the first stacks the pod network of the one before it. */
function withOverlaps(fleet: readonly FleetStack[]): {
  readonly stacks: readonly FleetStack[];
  readonly pairs: readonly (readonly [string, string])[];
} {
  const stacks = fleet.map((member, n) => {
    const before = fleet[n - 1];
    if (n % 2 === 0 || n >= overlaps * 2 || before?.stack === undefined || member.stack === undefined)
      return member;
    const network = { ...member.stack.network, pods: before.stack.network.pods };
    return { ...member, stack: { ...member.stack, network } };
  });
  const pairs = Array.from(
    { length: Math.min(overlaps, Math.floor(fleet.length / 2)) },
    (_, i) => [`synthetic-${2 * i}`, `synthetic-${2 * i + 1}`] as const,
  );
  return { stacks, pairs };
}
