import { type KubernetesObject, type ResourceType, field, list, text } from "../../model/kubernetes/object";
import { resources } from "../../model/kubernetes/resources";
import {
  type Need,
  type Grant,
  eachOnce,
  grants,
  groupOf as apiGroupOf,
  needsOf,
  verbsOn,
  dryRunOnly,
  roleObjects,
} from "../../model/live/preflight/permissions";
import { coreLease } from "../../model/live/preflight/resource-set-controller";
import type { ClusterPlan } from "../../model/plan/plan";
import type { KubernetesApi } from "../kubernetes/api";
import { plannedManagementObjects } from "../live/planned";
import { managementSources, workloadSources } from "../live/sources";
import { managementStreams } from "../wait/streams";

/** The rights that a stack needs on its management cluster. */
export interface StackRights {
  /** Without one of these an update or a destroy stops halfway: the preflight refuses it. */
  readonly run: readonly Need[];
  /** What the preflight reads; what it may not read is reported as not checked. */
  readonly checks: readonly Need[];
  /** What commands read (status, diagnose, verify) and change (recover, detach), and the wait's requests for another attempt. */
  readonly commands: readonly Need[];
}

/**
 * Kinds that a stack may own. A role names them all, also where the present plan has none of a kind: an update that removes the
 * last worker pool deletes its objects, and one that adds an address pool creates it.
 */
const ownable: readonly ResourceType[] = [
  resources.BareMetalHost,
  resources.Cluster,
  resources.ClusterResourceSet,
  resources.ConfigMap,
  resources.IPPool,
  resources.KubeadmConfigTemplate,
  resources.KubeadmControlPlane,
  resources.MachineDeployment,
  resources.MachineHealthCheck,
  resources.Metal3Cluster,
  resources.Metal3DataTemplate,
  resources.Metal3MachineTemplate,
  resources.Metal3RemediationTemplate,
  resources.Secret,
];

/** Kinds that a plan may have and whose objects hold passwords or keys. */
const confidential: readonly ResourceType[] = [resources.Secret, resources.KubeadmConfig];

/** All that the program and the commands do on the management cluster of a stack. */
export function managementRights(plan: ClusterPlan): StackRights {
  const everywhere = { everywhere: true } as const;
  const read = managementSources(plan).map(({ type }) => type);
  return {
    run: [
      ...needsOf(ownedKinds(plan), followedKinds(plan)),
      // A remediation's remains keep the namespace: the end of a destroy removes them.
      ...verbsOn([resources.Metal3Remediation], ["list", "patch", "delete"]),
    ],
    checks: [
      ...verbsOn(ownedKinds(plan), ["get", "list"]),
      ...verbsOn(
        [resources.Machine, resources.Metal3Machine, resources.IPClaim, resources.HardwareData],
        ["list"],
      ),
      ...verbsOn([resources.ClusterResourceSetBinding], ["get"]),
      ...verbsOn([resources.Namespace], ["get"], { ...everywhere, name: plan.namespace }),
      ...verbsOn([resources.Lease], ["list"], { ...everywhere, name: coreLease }),
      // A second host with the same BMC may be in any namespace, and providers are installed in theirs.
      ...verbsOn([resources.BareMetalHost, resources.Deployment, resources.Provider], ["list"], everywhere),
      ...verbsOn([resources.CustomResourceDefinition], ["list"], everywhere),
    ],
    commands: [
      ...verbsOn(read, ["get", "list", "watch"]),
      ...verbsOn([resources.Machine], ["delete"]),
      ...verbsOn([resources.MachineHealthCheck], ["list", "patch"]),
      ...verbsOn([resources.IPClaim], ["patch"], { subresource: "status" }),
    ],
  };
}

/** What `pulumi up`, `pulumi destroy` and the commands need. */
export function operatorNeeds(plan: ClusterPlan): readonly Need[] {
  const { run, checks, commands } = managementRights(plan);
  return eachOnce([...needsOf(ownable, []), ...run, ...checks, ...commands]);
}

/** What a preview reads, and the verbs of its dry runs; no Secrets, which a dry run of a patch would return as well. */
export function previewNeeds(plan: ClusterPlan): readonly Need[] {
  const needs = [...verbsOn(ownable, ["get", "list", "create", "patch"]), ...managementRights(plan).checks];
  return eachOnce(needs.filter(({ type }) => !confidential.includes(type)));
}

/** What `pulumi preview --refresh` reads: every object that the stack owns, its Secrets among them. */
export function refreshNeeds(plan: ClusterPlan): readonly Need[] {
  return eachOnce([...previewNeeds(plan), ...verbsOn([resources.Secret], ["get"])]);
}

/** Kinds that a render of Cilium has, besides those that `status` reads; `verify` compares them. */
const comparedInWorkload = [
  ["v1", "ServiceAccount", "serviceaccounts"],
  ["rbac.authorization.k8s.io/v1", "ClusterRole", "clusterroles"],
  ["rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "clusterrolebindings"],
  ["rbac.authorization.k8s.io/v1", "Role", "roles"],
  ["rbac.authorization.k8s.io/v1", "RoleBinding", "rolebindings"],
] as const;

/** What `status`, `diagnose` and `verify` read in the workload cluster; no Secrets. */
export function workloadNeeds(): readonly Need[] {
  const everywhere = { everywhere: true } as const;
  const compared = comparedInWorkload.map(([apiVersion, kind, plural]) => ({
    apiVersion,
    kind,
    plural,
    namespaced: true,
  }));
  const read = workloadSources.map(({ type }) => type);
  return eachOnce([
    ...verbsOn(
      [resources.Namespace, resources.CiliumBGPNodeConfigOverride, ...compared],
      ["get"],
      everywhere,
    ),
    ...verbsOn(read, ["get", "list", "watch"], everywhere),
    ...verbsOn([resources.Pod], ["get"], { ...everywhere, subresource: "log" }),
  ]);
}

/** Kinds of the plan's objects; a render adds objects of these kinds only. */
function ownedKinds(plan: ClusterPlan): readonly ResourceType[] {
  return [...new Set([...plannedManagementObjects(plan, undefined).map(knownType), resources.Secret])];
}

function followedKinds(plan: ClusterPlan): readonly ResourceType[] {
  const streams = managementStreams({ ...plan.readiness, workloads: [] }, () => undefined);
  return [...new Set(streams.map(({ type }) => type))];
}

function knownType({ apiVersion, kind }: KubernetesObject): ResourceType {
  const found = ownable.find((type) => type.apiVersion === apiVersion && type.kind === kind);
  if (found === undefined)
    throw new Error(`${apiVersion}/${kind} is planned, and ops/rights/stack-rights.ts grants no right on it`);
  return found;
}

/**
 * Who gets rights: who runs updates and commands, who runs previews, who runs previews with `--refresh` (a search for drift), and
 * who looks at the workload cluster.
 */
export type RightsOf = "operator" | "preview" | "refresh" | "workload";

/** The group that gets a stack's rights unless another is named: `metal:<namespace>:<cluster>[:preview|:refresh|:workload]`. */
export function groupOf({ namespace, name }: ClusterPlan, of: RightsOf): string {
  return ["metal", namespace, name, ...(of === "operator" ? [] : [of])].join(":");
}

/** The roles, bindings and, for previews, the admission policy of a stack. */
export function rightsManifests(
  plan: ClusterPlan,
  of: RightsOf,
  group: string = groupOf(plan, of),
): readonly KubernetesObject[] {
  const name = ["metal", plan.namespace, plan.name, ...(of === "operator" ? [] : [of])].join(".");
  const needs = needsFor[of](plan);
  const grant: Grant = { name, namespace: plan.namespace, group };
  return [...(of === "operator" ? [] : dryRunOnly(needs, grant)), ...roleObjects(needs, grant)];
}

const needsFor: Readonly<Record<RightsOf, (plan: ClusterPlan) => readonly Need[]>> = {
  operator: operatorNeeds,
  preview: previewNeeds,
  refresh: refreshNeeds,
  workload: workloadNeeds,
};

const reviews = "/apis/authorization.k8s.io/v1";

/** Which of these needs in one namespace the client's user does not have. One review for all rules, then one for each doubt. */
export async function deniedOf(
  api: KubernetesApi,
  namespace: string,
  needs: readonly Need[],
): Promise<readonly Need[]> {
  const rules = await rulesOf(api, namespace);
  const doubtful = needs.filter((need) => !grants(rules, need));
  const answers = await Promise.all(
    doubtful.map(async (need) => ((await isPermitted(api, namespace, need)) ? [] : [need])),
  );
  return answers.flat();
}

/** Whether the client's user has this right in a namespace. */
export async function isPermitted(
  api: KubernetesApi,
  namespace: string,
  { type, verb }: Need,
): Promise<boolean> {
  const resourceAttributes = { namespace, group: apiGroupOf(type), resource: type.plural, verb };
  const review = await api.request("POST", `${reviews}/selfsubjectaccessreviews`, {
    body: {
      apiVersion: "authorization.k8s.io/v1",
      kind: "SelfSubjectAccessReview",
      spec: { resourceAttributes },
    },
  });
  return field(review, "status", "allowed") === true;
}

async function rulesOf(api: KubernetesApi, namespace: string): Promise<readonly unknown[]> {
  const review = await api.request("POST", `${reviews}/selfsubjectrulesreviews`, {
    body: { apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectRulesReview", spec: { namespace } },
  });
  // An authorizer that lists no rules may still forbid.
  const complete =
    field(review, "status", "incomplete") !== true && text(review, "status", "evaluationError") === undefined;
  return complete ? list(review, "status", "resourceRules") : [];
}
