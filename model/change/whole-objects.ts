import { poolLabel } from "../kubernetes/labels";
import { type KubernetesObject, field, text } from "../kubernetes/object";
import type { ClusterPlan } from "../plan/plan";
import type { Effect, Level } from "./change";
import { type Words, named, plainWords, words } from "./formatted-text";
import { fieldChanges, pathsOf } from "./fields";
import { ruleOf } from "./field-rules";
import { paired } from "./objects";
import { poolsOf } from "./machines";

type Coming = "added" | "removed";

interface WholeRule {
  readonly kind: string;
  readonly change: Coming;
  /** Holds only for such an object. */
  readonly when?: (object: KubernetesObject, hasMachines: boolean) => boolean;
  readonly level: Level;
  readonly effect: string;
}

const isReplacing = (check: KubernetesObject) =>
  field(check, "spec", "remediation", "templateRef") === undefined;

/** What it does that an object comes or goes; the first rule that fits holds. */
const rules: readonly WholeRule[] = [
  {
    kind: "MachineHealthCheck",
    change: "added",
    when: (check, hasMachines) => hasMachines && isReplacing(check),
    level: "high",
    effect: "unhealthy machines are replaced at once, which wipes their disks",
  },
  {
    kind: "MachineHealthCheck",
    change: "added",
    when: (_check, hasMachines) => hasMachines,
    level: "medium",
    effect: "unhealthy machines are rebooted at once",
  },
  {
    kind: "MachineHealthCheck",
    change: "removed",
    level: "medium",
    effect: "unhealthy machines are neither rebooted nor replaced any more",
  },
];

/** The rows about Cluster API objects that come or go; what that does to machines and hosts is rated with these. */
export function wholeObjectEffects(
  before: ClusterPlan | undefined,
  after: ClusterPlan | undefined,
): readonly Effect[] {
  // Another cluster, which is rated itself: all of its objects come, and all of the present one's go.
  if (before?.name !== after?.name || before?.namespace !== after?.namespace) return [];
  const pools = [before, after].map((plan) => poolsOf(plan).map(({ pool }) => pool));
  const found = paired(objectsOf(before), objectsOf(after)).flatMap((pair) => {
    const object = pair.after ?? pair.before;
    if (object === undefined || (pair.before !== undefined && pair.after !== undefined)) return [];
    const change: Coming = pair.before === undefined ? "added" : "removed";
    const pool = text(object, "spec", "selector", "matchLabels", poolLabel);
    const hasMachines = pool !== undefined && pools.every((names) => names.includes(pool));
    const rule = rules.find(
      ({ kind, change: how, when }) =>
        kind === object.kind && how === change && when?.(object, hasMachines) !== false,
    );
    const { level, effect } = rule ?? others[change];
    return [{ level, effect, change, name: `${object.kind} ${object.metadata.name}` }];
  });
  return [...new Set(found.map(({ effect }) => effect))].map((effect): Effect => {
    const alike = found.filter((each) => each.effect === effect);
    const names = (how: Coming) => alike.filter(({ change }) => change === how).map(({ name }) => name);
    return {
      level: alike[0]?.level ?? "low",
      area: "cluster",
      what: words`${sign("+", names("added"))}${sign("−", names("removed"))}`,
      effect: plainWords(effect),
    };
  });
}

/** Fields of a health check by which machines count as unhealthy, or by which so many of them may be. */
const limits = ["spec.checks", "spec.remediation.triggerIf"] as const;

/**
 * The rows about health checks without reboots that have other limits: what counts as unhealthy by these is replaced at once, as
 * by a new check.
 */
export function replacingCheckEffects(
  before: ClusterPlan | undefined,
  after: ClusterPlan | undefined,
): readonly Effect[] {
  const found = paired(objectsOf(before), objectsOf(after)).flatMap(({ before: old, after: fresh }) => {
    if (old === undefined || fresh?.kind !== "MachineHealthCheck" || !isReplacing(fresh)) return [];
    const [stricter] = limits.flatMap((path) =>
      fieldChanges(field(old, ...path.split(".")), field(fresh, ...path.split(".")), path).flatMap((change) =>
        pathsOf(change).filter((each) => ruleOf(fresh.kind, each, change)?.level === "medium"),
      ),
    );
    return stricter === undefined ? [] : [{ name: fresh.metadata.name, path: stricter }];
  });
  return found.map(({ name, path }) => ({
    level: "high",
    area: "cluster",
    what: words`MachineHealthCheck ${name}: ${path}`,
    effect: plainWords(
      "machines that count as unhealthy by this are replaced at once, which wipes their disks",
    ),
  }));
}

const others: Readonly<Record<Coming, Pick<WholeRule, "level" | "effect">>> = {
  added: { level: "low", effect: "created; no machine is replaced for it" },
  removed: { level: "low", effect: "deleted; no machine is replaced for it" },
};

function sign(how: string, names: readonly string[]): Words {
  return names.length === 0 ? plainWords("") : words`${plainWords(how)}${named(names)}`;
}

/** All objects but templates, which come and go with their pools and under other names with their contents. */
function objectsOf(plan: ClusterPlan | undefined): readonly KubernetesObject[] {
  if (plan === undefined) return [];
  return [...plan.cluster.objects, plan.cluster.cluster, plan.resourceSet.resourceSet];
}
