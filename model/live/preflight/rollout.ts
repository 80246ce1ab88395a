import { controlPlanePool } from "../../kubernetes/labels";
import { canServe } from "./inventory";
import { judged, type CheckResult, named, notApplicable, type Problem } from "./check-result";
import { holderOf } from "../readiness/host-claim";
import { type LiveCluster, type LiveMachine } from "../rollout/live-cluster";
import type { PoolChange } from "../rollout/pool-change";
import { serverOf, serverText } from "../rollout/server";
import { deploymentsOf, poolMachines, poolText } from "../../plan/machines";
import { hostsInService } from "../../stack/addressing";
import type { Stack } from "../../stack/schema";
import { counted } from "../../text/wording";

const nothingRuns = "nothing of this cluster runs yet";

/** Each machine that will be taken down, with its server and its disks: never an error, always said. */
export function judgeReplacements(changes: readonly PoolChange[], live: LiveCluster): CheckResult {
  if (changes.length === 0) return notApplicable(nothingRuns);
  const problems = changes.flatMap((change): Problem[] => [
    ...replaced(change, live),
    ...takenAway(change, live),
  ]);
  const pools = changes.map((change) => `${nameOf(change)} ${change.machines.length}`).join(", ");
  return judged(`no machine is replaced or taken away: ${pools}`, problems);
}

function nameOf({ pool, failureDomain }: PoolChange): string {
  return poolText(pool, failureDomain);
}

function replaced(change: PoolChange, live: LiveCluster): readonly Problem[] {
  const { at, machines, reasons } = change;
  const unfinished = machines.filter(({ upToDate }) => !upToDate);
  if (reasons.length === 0 && unfinished.length === 0) return [];
  const going = reasons.length === 0 ? unfinished : machines;
  const late = change.reuseComesLate
    ? ", and on any host of the pool: nodeReuse counts from the next rollout on"
    : "";
  const why = reasons.length === 0 ? "a rollout that has begun goes on" : reasons.join("; ");
  return [
    {
      severity: "warning",
      at,
      problem: `${counted(going.length, "machine")} of ${nameOf(change)} ${going.length === 1 ? "is" : "are"} reprovisioned (${why}); ${order(change)}${late}; wiped: ${serversText(going, live)}`,
      fix:
        reasons.length === 0
          ? "nothing, if that is meant; npm run metal -- status shows how far it is"
          : "nothing, if that is meant; else take the change back",
    },
  ];
}

function order(change: PoolChange): string {
  const { surge, after } = change;
  if (surge > 0) return "one after the other, each successor first, on a spare host";
  const alone = after === 1 ? `, and ${nameOf(change)} serves nothing meanwhile` : "";
  return `one after the other, each goes before its successor comes${alone}`;
}

function takenAway(change: PoolChange, live: LiveCluster): readonly Problem[] {
  const { at, countAt, machines, before, after } = change;
  const count = machines.length - after;
  // Beyond the wanted number while a rollout with a spare host goes on.
  if (after >= before || count <= 0) return [];
  const marked = machines.filter(({ chosen }) => chosen);
  const certain = marked.length >= count || count >= machines.length;
  const candidates = certain && marked.length >= count ? marked : machines;
  const which = certain ? "" : `${count} of these, as Cluster API chooses: `;
  return [
    {
      severity: "warning",
      at: after === 0 ? at : countAt,
      problem: `${counted(count, "machine")} of ${nameOf(change)} ${count === 1 ? "is" : "are"} taken away, wiped and powered off: ${which}${serversText(candidates, live)}`,
      fix: certain
        ? "nothing, if that is meant; else take the change back"
        : "to choose, mark one first: kubectl annotate machine NAME cluster.x-k8s.io/delete-machine=",
    },
  ];
}

function serversText(machines: readonly LiveMachine[], { hardware }: LiveCluster): string {
  return machines
    .map(({ name, host }) =>
      host === undefined
        ? `machine ${name}, which has no host`
        : serverText(serverOf(host, hardware.get(host.metadata.name))),
    )
    .join("; ");
}

/** etcd keeps its majority whatever the update does to the control plane. */
export function judgeQuorum(changes: readonly PoolChange[]): CheckResult {
  const change = changes.find(({ pool }) => pool === controlPlanePool);
  if (change === undefined) return notApplicable(nothingRuns);
  const { machines, before, after, reasons } = change;
  const members = machines.length;
  const ready = machines.filter((machine) => machine.ready && !machine.leaving).length;
  const quorum = Math.floor(members / 2) + 1;
  const words = `${ready} of ${counted(members, "control plane machine")} ready, ${quorum} make the quorum`;
  const shrinks = after < before;
  if (members === 0 || (reasons.length === 0 && !shrinks)) return judged(words);
  const broken = machines.filter((machine) => !machine.ready).map(({ name }) => name);
  if (ready < quorum) {
    return judged("", [
      {
        at: shrinks ? "controlPlane.replicas" : "controlPlane",
        problem: `${words}; not ready: ${named(broken)}; taking machines away now would lose etcd`,
        fix: "repair the control plane first: npm run metal -- diagnose",
      },
    ]);
  }
  return judged(words, shrinks ? shrinking(change, broken) : []);
}

/** Members leave one by one, each by the vote of the others; on the way down every one of them is needed. */
function shrinking({ before, after }: PoolChange, broken: readonly string[]): readonly Problem[] {
  const at = "controlPlane.replicas";
  if (before - after > 2) {
    return [
      {
        at,
        problem: `the control plane would shrink from ${before} to ${after} at once; each step halves what may fail`,
        fix: `write ${before - 2}, and go on when it is reached`,
      },
    ];
  }
  if (broken.length > 0) {
    return [
      {
        at,
        problem: `the control plane would shrink to ${after} while ${named(broken)} ${broken.length === 1 ? "is" : "are"} not ready, and two members cannot spare one`,
        fix: "repair or replace that machine first: npm run metal -- recover machine",
      },
    ];
  }
  if (after > 1) return [];
  return [
    {
      severity: "warning",
      at,
      problem: "one control plane machine is left: its loss is the loss of the cluster",
      fix: "keep 3, or have backups of etcd",
    },
  ];
}

/** A rollout that makes the successor first has a host for it; else it waits indefinitely. */
export function judgeSpare(stack: Stack, changes: readonly PoolChange[], live: LiveCluster): CheckResult {
  const rolling = changes.filter(({ reasons, surge }) => reasons.length > 0 && surge > 0);
  const divided = dividedPools(stack, changes);
  if (rolling.length === 0 && divided.length === 0)
    return notApplicable("no pool is replaced with a spare host first");
  const hosts = new Map(live.hosts.map((host) => [host.metadata.name, host]));
  const usableOf = (pool: string, failureDomain?: string) =>
    hostsInService(stack, pool, failureDomain).filter(({ name }) => canServe(stack, hosts.get(name), pool));
  const spares: string[] = [];
  const problems = rolling.flatMap((change): Problem[] => {
    const { pool, failureDomain, at, countAt, before, after } = change;
    const spare = usableOf(pool, failureDomain).length - Math.max(before, after);
    spares.push(`${nameOf(change)} ${Math.max(0, spare)}`);
    if (spare > 0) return [];
    const forced = pool === controlPlanePool && after < 3;
    return [
      {
        at: forced ? countAt : `${at}.rollout.spareHost`,
        problem: `the rollout of ${nameOf(change)} needs one host more than the ${Math.max(before, after)} in use, and none can serve`,
        fix: forced
          ? "add a host to this pool for the rollout"
          : "add a host to this pool, or write spareHost: false",
      },
    ];
  });
  const inTheWay = divided.flatMap(({ pool, at, needed, machines }): Problem[] => {
    const usable = usableOf(pool).filter(({ name }) => holderOf(hosts.get(name), stack.name) === undefined);
    spares.push(`${pool} ${usable.length}`);
    if (usable.length >= needed) return [];
    return [
      {
        at: `${at}.failureDomains`,
        problem: `${pool} moves to other MachineDeployments: the new ones of ${pool} need ${counted(needed, "free host")}, ${usable.length} can serve; the ${machines === 1 ? "1 machine of the old ones keeps its host" : `${machines} machines of the old ones keep their hosts`} until then`,
        fix: `write replicas: 0 and apply it, then write replicas and failureDomains again; or add hosts`,
      },
    ];
  });
  return judged(`spare hosts: ${spares.join(", ")}`, [...problems, ...inTheWay]);
}

/**
 * Pools that run, and whose machines move to other MachineDeployments: those are created, and must be ready, before the old
 * ones are deleted at the end of the update.
 */
function dividedPools(stack: Stack, changes: readonly PoolChange[]) {
  const known = new Set(changes.filter(isPlanned(stack)).map(nameOf));
  return stack.workers.flatMap((pool, i) => {
    const leaving = changes.filter((change) => change.pool === pool.name && !isPlanned(stack)(change));
    const machines = leaving.reduce((sum, change) => sum + change.machines.length, 0);
    const needed = deploymentsOf(stack, pool)
      .filter(({ failureDomain }) => !known.has(poolText(pool.name, failureDomain)))
      .reduce((sum, { least }) => sum + least, 0);
    return machines === 0 || needed === 0 ? [] : [{ pool: pool.name, at: `workers[${i}]`, needed, machines }];
  });
}

function isPlanned(stack: Stack) {
  const names = new Set(poolMachines(stack).map(({ pool, failureDomain }) => poolText(pool, failureDomain)));
  return (change: PoolChange): boolean => names.has(nameOf(change));
}
