import { type ResourceType, list } from "../kubernetes/object";
import { type Judgement, judged } from "./judgement";

/** One thing that this stack's run will do in the stack's namespace. */
export interface Need {
  readonly type: ResourceType;
  readonly verb: string;
}

/** What Pulumi does with an object that it owns: list and watch while it waits for a delete. */
const owning = ["get", "list", "watch", "create", "patch", "delete"] as const;
/** What the waiting program does with a kind that it follows. */
const following = ["list", "watch"] as const;

/** Every verb on every kind: what Pulumi owns, what is followed, and the kubeconfig Secret that is read. Each once. */
export function needsOf(owned: readonly ResourceType[], followed: readonly ResourceType[]): readonly Need[] {
  const needs = [
    ...owned.flatMap((type) => owning.map((verb) => ({ type, verb }))),
    ...followed.flatMap((type) => following.map((verb) => ({ type, verb }))),
  ];
  return [
    ...new Map(
      needs.map((need) => [`${need.type.apiVersion} ${need.type.plural} ${need.verb}`, need]),
    ).values(),
  ];
}

/**
 * Whether the rules of a SelfSubjectRulesReview (`status.resourceRules`) surely grant a need. A rule for named objects
 * only does not count.
 */
export function grants(rules: readonly unknown[], { type, verb }: Need): boolean {
  const group = groupOf(type);
  const covers = (names: readonly unknown[], name: string) => names.includes("*") || names.includes(name);
  return rules.some(
    (rule) =>
      list(rule, "resourceNames").length === 0 &&
      covers(list(rule, "verbs"), verb) &&
      covers(list(rule, "apiGroups"), group) &&
      covers(list(rule, "resources"), type.plural),
  );
}

/** API group of a kind; the core group is empty. */
export function groupOf({ apiVersion }: ResourceType): string {
  return apiVersion.includes("/") ? (apiVersion.split("/")[0] ?? "") : "";
}

/** The user of the context may do all that will be done. */
export function judgePermissions(
  needs: readonly Need[],
  denied: readonly Need[],
  place: { readonly namespace: string; readonly context: string },
): Judgement {
  const verbs = new Map<string, string[]>();
  for (const { type, verb } of denied) {
    const resource = [type.plural, groupOf(type)].filter((part) => part !== "").join(".");
    verbs.set(resource, [...(verbs.get(resource) ?? []), verb]);
  }
  const kinds = new Set(needs.map(({ type }) => type.plural)).size;
  return judged(
    `${needs.length} verbs on ${kinds} kinds in namespace ${place.namespace}`,
    [...verbs].map(([resource, missing]) => ({
      at: "management.context",
      problem: `this user may not ${missing.join(", ")} ${resource} in namespace "${place.namespace}"`,
      fix: `grant these verbs to the user of context "${place.context}"`,
    })),
  );
}
