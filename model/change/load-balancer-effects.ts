import { type KubernetesObject, list } from "../kubernetes/object";
import type { ClusterPlan } from "../plan/plan";
import type { Effect, ObjectChange } from "./change";
import { type Words, named, plainWords, words } from "./formatted-text";
import { objectChange, paired } from "./objects";

/** Address pools and announcement policies without BGP that come, go or change, with what each change does. */
export function loadBalancerChanges(
  before: ClusterPlan | undefined,
  after: ClusterPlan | undefined,
): readonly ObjectChange[] {
  const objectsOf = (plan: ClusterPlan | undefined) => plan?.loadBalancer?.objects ?? [];
  return paired(objectsOf(before), objectsOf(after)).flatMap(
    (pair) =>
      objectChange(
        pair,
        effectsOf(pair.before, pair.after).map(({ effect }) => effect),
      ) ?? [],
  );
}

/** The rows of the overview about them. */
export function loadBalancerEffects(
  before: ClusterPlan | undefined,
  after: ClusterPlan | undefined,
): readonly Effect[] {
  if (before === undefined || after === undefined) return [];
  return paired(before.loadBalancer?.objects ?? [], after.loadBalancer?.objects ?? []).flatMap((pair) =>
    objectChange(pair) === undefined
      ? []
      : effectsOf(pair.before, pair.after).map(({ level, effect }) => ({
          level,
          area: "bgp" as const,
          what: named([
            `${(pair.after ?? pair.before)?.kind ?? ""} ${(pair.after ?? pair.before)?.metadata.name ?? ""}`,
          ]),
          effect,
        })),
  );
}

type PoolEffect = Pick<Effect, "level"> & { readonly effect: Words };

function effectsOf(
  before: KubernetesObject | undefined,
  after: KubernetesObject | undefined,
): readonly PoolEffect[] {
  if ((before ?? after)?.kind === "CiliumLoadBalancerIPPool") {
    const blocks = (pool: KubernetesObject | undefined) =>
      list(pool, "spec", "blocks").map((block) => JSON.stringify(block));
    const kept = blocks(after);
    const lost = blocks(before).filter((block) => !kept.includes(block));
    return [
      lost.length === 0
        ? { level: "low", effect: plainWords("services take addresses from it; those that have one keep it") }
        : {
            level: "high",
            effect: plainWords(
              "services with an address of a removed block lose it, and get another one where a pool has one",
            ),
          },
    ];
  }
  if (before === undefined)
    return [
      {
        level: "low",
        effect: plainWords("its nodes answer for the addresses of the services that it selects"),
      },
    ];
  return [
    {
      level: after === undefined ? "high" : "medium",
      effect:
        after === undefined
          ? plainWords("services that no other policy selects cannot be reached from outside any more")
          : words`other nodes or interfaces may answer: connections through the node that ${plainWords("answered before")} end`,
    },
  ];
}
