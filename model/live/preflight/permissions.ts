import { type ResourceType, list } from "../../kubernetes/object";
import { type CheckResult, judged, unknown } from "./check-result";

/** One right: a verb on a kind, in the stack's namespace unless it says otherwise. */
export interface Need {
  readonly type: ResourceType;
  readonly verb: string;
  readonly subresource?: "status" | "log";
  /** Only the object of this name. */
  readonly name?: string;
  /** In all namespaces; also of a kind that has none. */
  readonly everywhere?: true;
}

/** What Pulumi does with an object that it owns: list and watch while it waits for a delete. */
const owning = ["get", "list", "watch", "create", "patch", "delete"] as const;
/** What the waiting program does with a kind that it follows. */
const following = ["list", "watch"] as const;

/** Every verb on every kind: what Pulumi owns, what is followed, and the kubeconfig Secret that is read. Each once. */
export function needsOf(owned: readonly ResourceType[], followed: readonly ResourceType[]): readonly Need[] {
  return eachOnce([...verbsOn(owned, owning), ...verbsOn(followed, following)]);
}

/** Each of these verbs on each of these kinds. */
export function verbsOn(
  types: readonly ResourceType[],
  verbs: readonly string[],
  where: Omit<Need, "type" | "verb"> = {},
): readonly Need[] {
  return types.flatMap((type) => verbs.map((verb) => ({ type, verb, ...where })));
}

/** The same needs without repetitions. */
export function eachOnce(needs: readonly Need[]): readonly Need[] {
  const key = ({ type, verb, subresource, name, everywhere }: Need) =>
    JSON.stringify([type.apiVersion, type.plural, subresource, name, everywhere, verb]);
  return [...new Map(needs.map((need) => [key(need), need])).values()];
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

/**
 * The user of the context may do all that will be done. A preview's user who may delete nothing is taken for one with the
 * rights of a preview alone: what the user of the update may do is then not known. `denied` are some of `needs`.
 */
export function judgePermissions(
  needs: readonly Need[],
  denied: readonly Need[],
  place: { readonly namespace: string; readonly context: string; readonly preview: boolean },
): CheckResult {
  const mayDelete = needs.some((need) => need.verb === "delete" && !denied.includes(need));
  if (place.preview && denied.length > 0 && !mayDelete) {
    return unknown(
      `not permitted to delete anything in namespace ${place.namespace}, as is right for a preview: whether the user of the update may is not known`,
    );
  }
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
