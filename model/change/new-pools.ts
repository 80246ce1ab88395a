import { poolLabel } from "../kubernetes/labels";
import { isMap, text } from "../kubernetes/object";
import { type MachineContent, contentReasons, machineContent } from "../live/rollout/pool-change";
import type { ClusterPlan } from "../plan/plan";
import type { Effect } from "./change";
import { type Words, joined, plainWords, words } from "./formatted-text";
import { type PoolObject, keptMachines, poolsOf, replacementCauses } from "./machines";

/**
 * The rows about what machines run that are made later: those of a new pool, and those of a pool without machines. No machine is
 * replaced for it now, and from the next one on it runs with the rights of a node. A new pool that is made like one of the base
 * has no row: what it runs was approved before.
 */
export function newPoolEffects(
  before: ClusterPlan | undefined,
  after: ClusterPlan | undefined,
): readonly Effect[] {
  if (before === undefined || after === undefined) return [];
  const old = poolsOf(before);
  return poolsOf(after).flatMap((pool): readonly Effect[] => {
    const same = old.find((each) => each.pool === pool.pool);
    const causes =
      same === undefined
        ? leastDifferent(old, pool, { before, after })
        : keptMachines(same, pool) > 0
          ? []
          : replacementCauses(same, pool, { before, after });
    if (causes.length === 0) return [];
    const effect = words`machines of pool ${pool.pool} run it from the first one on; no pool of the base does`;
    return [
      {
        level: "high",
        area: "machines",
        what: words`pool ${pool.pool}: ${joined(causes, ", ")}`,
        effect,
        headline: words`pool ${pool.pool} brings what no pool ran before: ${joined(causes, ", ")}`,
      },
    ];
  });
}

interface Plans {
  readonly before: ClusterPlan;
  readonly after: ClusterPlan;
}

/** How a new pool differs from the pool of the base that is most like it. */
function leastDifferent(
  old: readonly PoolObject[],
  fresh: PoolObject,
  { before, after }: Plans,
): readonly Words[] {
  const own = contentOfPool(fresh, after);
  const differences = old.flatMap((pool) => {
    const content = pool.object.kind === fresh.object.kind ? contentOfPool(pool, before) : undefined;
    if (content === undefined || own === undefined) return [];
    return [{ pool: pool.pool, reasons: contentReasons(content, own) }];
  });
  const [closest] = differences.sort((a, b) => a.reasons.length - b.reasons.length);
  if (closest === undefined) return [plainWords("a first worker pool, with its image and its commands")];
  return closest.reasons.map((reason) => words`${reason}, other than in pool ${closest.pool}`);
}

/** What the machines of a pool are made of, without what only names the pool and without the networks of its hosts. */
function contentOfPool({ object, of }: PoolObject, plan: ClusterPlan): MachineContent | undefined {
  const content = machineContent(
    object,
    plan.cluster.templates.map(({ manifest }) => manifest),
  );
  if (content === undefined) return undefined;
  const { machine, bootstrap } = content;
  return {
    ...content,
    machine: isMap(machine) ? { ...machine, dataTemplate: undefined, hostSelector: undefined } : machine,
    bootstrap: withoutPoolLabel(bootstrap, of.pool),
  };
}

/** Values that each machine gets from its host: a pool without hosts has none of them yet. */
const ofHost = "{{ ds.meta_data.";

/** A bootstrap configuration without the label of the pool among the labels that the kubelet sets, and without what hosts give. */
function withoutPoolLabel(value: unknown, pool: string): unknown {
  if (Array.isArray(value)) {
    const given = (item: unknown) =>
      text(item, "name") === "node-ip" && text(item, "value")?.startsWith(ofHost) === true;
    return value.filter((item) => !given(item)).map((item) => withoutPoolLabel(item, pool));
  }
  if (!isMap(value)) return value;
  const labels = text(value, "name") === "node-labels" ? text(value, "value") : undefined;
  if (labels !== undefined) {
    const others = labels
      .split(",")
      .filter((label) => label !== `${poolLabel}=${pool}` && !label.includes(`=${ofHost}`));
    return { ...value, value: others.join(",") };
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, withoutPoolLabel(inner, pool)]),
  );
}
