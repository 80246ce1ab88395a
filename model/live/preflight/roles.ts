import type { KubernetesObject } from "../../kubernetes/object";
import { type Need, groupOf } from "./permissions";

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
      verbs: verbOrder.filter((verb) => each.has(verb)),
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

const verbOrder = ["get", "list", "watch", "create", "patch", "delete"];
