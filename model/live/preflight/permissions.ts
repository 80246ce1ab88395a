import { type ResourceType, type KubernetesObject, list } from "../../kubernetes/object";
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

/** One rule of a Role or ClusterRole. */
interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

/** Where a role holds and who has it. */
export interface Grant {
  /** Name of the role and of its binding. */
  readonly name: string;
  /** Namespace of the needs that are not everywhere. */
  readonly namespace: string;
  /** The group whose members get the rights. */
  readonly group: string;
}

const rbac = "rbac.authorization.k8s.io";

/** A Role for what is in the namespace and a ClusterRole for the rest, each with its binding; none without rules. */
export function roleObjects(
  needs: readonly Need[],
  { name, namespace, group }: Grant,
): readonly KubernetesObject[] {
  const objects = (kind: "Role" | "ClusterRole", of: readonly Need[]): readonly KubernetesObject[] => {
    if (of.length === 0) return [];
    const metadata = kind === "Role" ? { name, namespace } : { name };
    return [
      { apiVersion: `${rbac}/v1`, kind, metadata, rules: rulesOf(of) },
      {
        apiVersion: `${rbac}/v1`,
        kind: `${kind}Binding`,
        metadata,
        roleRef: { apiGroup: rbac, kind, name },
        subjects: [{ apiGroup: rbac, kind: "Group", name: group }],
      },
    ];
  };
  return [
    ...objects(
      "Role",
      needs.filter(({ everywhere }) => everywhere !== true),
    ),
    ...objects(
      "ClusterRole",
      needs.filter(({ everywhere }) => everywhere === true),
    ),
  ];
}

/**
 * Admission that lets a group's writes pass as dry runs only. RBAC has the same verbs for a dry run and for the write itself.
 * ValidatingAdmissionPolicy is served since Kubernetes 1.30.
 */
export function dryRunOnly(needs: readonly Need[], { name, group }: Grant): readonly KubernetesObject[] {
  const types = needs.filter(({ verb }) => verb === "create" || verb === "patch").map(({ type }) => type);
  if (types.length === 0) return [];
  const sorted = (values: readonly string[]) => [...new Set(values)].sort();
  const apiVersion = "admissionregistration.k8s.io/v1";
  const policy = {
    failurePolicy: "Fail",
    matchConstraints: {
      resourceRules: [
        {
          apiGroups: sorted(types.map(groupOf)),
          apiVersions: ["*"],
          operations: ["CREATE", "UPDATE", "DELETE"],
          resources: sorted(types.flatMap(({ plural }) => [plural, `${plural}/*`])),
        },
      ],
    },
    matchConditions: [
      {
        name: "preview",
        expression: `request.userInfo.groups.exists(group, group == ${JSON.stringify(group)})`,
      },
    ],
    validations: [
      {
        expression: "has(request.dryRun) && request.dryRun",
        message: `group ${group} is for previews: it may send dry runs only`,
        reason: "Forbidden",
      },
    ],
  };
  return [
    { apiVersion, kind: "ValidatingAdmissionPolicy", metadata: { name }, spec: policy },
    {
      apiVersion,
      kind: "ValidatingAdmissionPolicyBinding",
      metadata: { name },
      spec: { policyName: name, validationActions: ["Deny"] },
    },
  ];
}

/** Needs with the same API group, verbs and names become one rule; in a stable order, so that a diff shows a changed right. */
function rulesOf(needs: readonly Need[]): readonly Rule[] {
  const verbs = new Map<string, { readonly need: Need; readonly verbs: Set<string> }>();
  for (const need of needs) {
    const { type, subresource, name = "" } = need;
    const resource = subresource === undefined ? type.plural : `${type.plural}/${subresource}`;
    const key = [groupOf(type), resource, name].join(" ");
    const entry = verbs.get(key) ?? { need, verbs: new Set() };
    entry.verbs.add(need.verb);
    verbs.set(key, entry);
  }
  const rules = new Map<
    string,
    { readonly rule: Omit<Rule, "resources">; readonly resources: Set<string> }
  >();
  for (const { need, verbs: each } of verbs.values()) {
    const { type, subresource, name } = need;
    const rule = {
      apiGroups: [groupOf(type)],
      ...(name === undefined ? {} : { resourceNames: [name] }),
      verbs: owning.filter((verb) => each.has(verb)),
    };
    const key = JSON.stringify(rule);
    const entry = rules.get(key) ?? { rule, resources: new Set() };
    entry.resources.add(subresource === undefined ? type.plural : `${type.plural}/${subresource}`);
    rules.set(key, entry);
  }
  return [...rules]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { rule, resources }]) => ({ ...rule, resources: [...resources].sort() }));
}
