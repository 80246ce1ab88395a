import { type KubernetesObject, field, list } from "../kubernetes/object";
import type { ClusterPlan } from "../plan/plan";
import type { Effect, ObjectChange } from "./change";
import { same } from "./fields";
import { type Words, named, plainWords } from "./formatted-text";
import { type Pair, identity, objectChange, paired } from "./objects";

const poolKind = "CiliumLoadBalancerIPPool";

/** Whether an object is rated here: address pools, with BGP or without, and L2 announcement policies. */
export function isLoadBalancing({ kind }: Pick<KubernetesObject, "kind">): boolean {
  return kind === poolKind || kind === "CiliumL2AnnouncementPolicy";
}

/** Address pools and announcement policies that come, go or change, with what each change does. */
export function loadBalancerChanges(
  before: ClusterPlan | undefined,
  after: ClusterPlan | undefined,
): readonly ObjectChange[] {
  return changedPairs(before, after).flatMap((pair) => objectChange(pair, [effectOf(pair).effect]) ?? []);
}

/** The rows of the overview about them; of a new stack everything is new. */
export function loadBalancerEffects(
  before: ClusterPlan | undefined,
  after: ClusterPlan | undefined,
): readonly Effect[] {
  if (before === undefined || after === undefined) return [];
  return changedPairs(before, after).map((pair) => {
    const { kind = "", metadata: { name } = { name: "" } } = pair.after ?? pair.before ?? {};
    const { level, effect } = effectOf(pair);
    return { level, area: "bgp", what: named([`${kind} ${name}`]), effect };
  });
}

function changedPairs(before: ClusterPlan | undefined, after: ClusterPlan | undefined): readonly Pair[] {
  const objectsOf = (plan: ClusterPlan | undefined) => [
    ...(plan?.bgp?.objects ?? []).filter(isLoadBalancing),
    ...(plan?.loadBalancer?.objects ?? []),
  ];
  const pairs = paired(objectsOf(before), objectsOf(after), identity);
  return pairs.filter((pair) => objectChange(pair) !== undefined);
}

type PairEffect = Pick<Effect, "level"> & { readonly effect: Words };

function effectOf(pair: Pair): PairEffect {
  const isPool = (pair.before ?? pair.after)?.kind === poolKind;
  const { level, effect } = isPool ? poolEffect(pair) : policyEffect(pair);
  return { level, effect: plainWords(effect) };
}

interface Rating {
  readonly level: Effect["level"];
  readonly effect: string;
}

/**
 * Cilium takes addresses back from services that their pool no longer gives: of a pool that is gone, of a range that is gone or
 * has other limits, and where the selector of the pool does not match any more (Cilium v1.19 `operator/pkg/lbipam/lbipam.go`,
 * stripInvalidAllocations).
 */
function poolEffect({ before, after }: Pair): Rating {
  if (before === undefined)
    return {
      level: "medium",
      effect: "services that it selects and that have no address get one, and may be reached from outside",
    };
  const again = "get another one where a pool has one: clients of the old address no longer reach them";
  if (after === undefined)
    return { level: "high", effect: `services with an address of this pool lose it, and ${again}` };
  const blocks = (pool: KubernetesObject) => list(pool, "spec", "blocks").map((each) => JSON.stringify(each));
  const kept = blocks(after);
  if (blocks(before).some((block) => !kept.includes(block)))
    return { level: "high", effect: `services with an address of a removed block lose it, and ${again}` };
  const isChanged = (key: string) => !same(field(before, "spec", key), field(after, "spec", key));
  // Without a selector it gives addresses to all services.
  if (isChanged("serviceSelector") && field(after, "spec", "serviceSelector") !== undefined)
    return {
      level: "high",
      effect: `services with an address of this pool that its selector no longer matches lose it, and ${again}`,
    };
  if (isChanged("allowFirstLastIPs"))
    return {
      level: "high",
      effect: `the ranges of its blocks get other limits: services with an address of this pool may lose it, and ${again}`,
    };
  if (isChanged("serviceSelector"))
    return {
      level: "medium",
      effect:
        "services that it did not select before and that have no address get one, and may be reached from outside; those that have one keep it",
    };
  return { level: "low", effect: "services take addresses from it; those that have one keep it" };
}

function policyEffect({ before, after }: Pair): Rating {
  if (before === undefined)
    return {
      level: "medium",
      effect:
        "its nodes answer for the addresses of the services that it selects, which can then be reached from outside",
    };
  if (after === undefined)
    return {
      level: "high",
      effect: "services that no other policy selects cannot be reached from outside any more",
    };
  const spec = (object: KubernetesObject, key: string) => field(object, "spec", key);
  const isGone = ["loadBalancerIPs", "externalIPs"].some(
    (key) => spec(before, key) === true && spec(after, key) !== true,
  );
  const selector = spec(after, "serviceSelector");
  if (isGone || (selector !== undefined && !same(spec(before, "serviceSelector"), selector)))
    return {
      level: "high",
      effect:
        "it selects other services or addresses: those that no other policy selects cannot be reached from outside any more",
    };
  return {
    level: "medium",
    effect:
      "other nodes or interfaces may answer: connections through the node that answered before end, and without a node that answers the services cannot be reached",
  };
}
