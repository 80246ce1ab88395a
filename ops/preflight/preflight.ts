import type { CiliumRender } from "../../model/cilium/manifest";
import type { Finding } from "../../model/findings";
import { type KubernetesObject, type ResourceType, field, list, text } from "../../model/kubernetes/object";
import { resources } from "../../model/kubernetes/resources";
import { ownerLabel } from "../../model/plan/labels";
import type { ClusterPlan } from "../../model/plan/plan";
import type { KubernetesApi } from "../kubernetes/api";
import { dryRun } from "./dry-run";
import { plannedManagementObjects } from "./planned-objects";

/** What each planned object needs; `watch` is for the waiting program. */
const verbs = ["get", "list", "watch", "create", "patch", "delete"] as const;

/**
 * Asks the management cluster everything that a green Pulumi preview would not tell (facts/provider-behaviour.md 0):
 * kinds served, permissions, whose objects are there already, and a strict server-side dry run of every planned object.
 * Changes nothing. Throws UnreachableError when the API server does not answer.
 */
export async function preflight(
  api: KubernetesApi,
  plan: ClusterPlan,
  render: CiliumRender,
): Promise<readonly Finding[]> {
  const objects = plannedManagementObjects(plan, render);
  const served = await servedTypes(api, objects);
  const missing = kindsMissing(objects, served);
  if (missing.length > 0) return missing;
  const namespace = await api.get(resources.Namespace, plan.namespace);
  if (namespace === undefined) return [namespaceMissing(plan)];
  const [denied, ...found] = await Promise.all([
    permissionsMissing(api, plan, [...served.values()]),
    bootstrapOnlyChange(api, plan, render),
    ...objects.map(async (object) => {
      const type = served.get(keyOf(object));
      return type === undefined ? [] : objectFindings(api, type, object);
    }),
  ]);
  // A forbidden verb would only repeat itself in each dry run.
  return (denied ?? []).length > 0 ? (denied ?? []) : found.flat();
}

function keyOf(object: KubernetesObject): string {
  return `${object.apiVersion}/${object.kind}`;
}

async function servedTypes(
  api: KubernetesApi,
  objects: readonly KubernetesObject[],
): Promise<ReadonlyMap<string, ResourceType>> {
  const planned = new Set(objects.map(keyOf));
  const versions = [...new Set(objects.map(({ apiVersion }) => apiVersion))];
  const types = (await Promise.all(versions.map((version) => api.served(version)))).flat();
  return new Map(
    types
      .map((type) => [`${type.apiVersion}/${type.kind}`, type] as const)
      .filter(([key]) => planned.has(key)),
  );
}

function kindsMissing(
  objects: readonly KubernetesObject[],
  served: ReadonlyMap<string, ResourceType>,
): readonly Finding[] {
  const missing = [...new Set(objects.map(keyOf))].filter((key) => !served.has(key));
  return missing.map((key) => ({
    id: "management/kinds-served",
    severity: "error",
    at: "management.context",
    problem: `the management cluster does not serve ${key}`,
    fix: `install or upgrade ${providerOf(key)} there (clusterctl init, clusterctl upgrade apply)`,
  }));
}

function providerOf(key: string): string {
  if (key.startsWith("metal3.io/")) return "the baremetal-operator, 0.13 or newer";
  if (key.startsWith("ipam.metal3.io/")) return "Metal3's ip-address-manager, 1.13 or newer";
  if (key.startsWith("infrastructure.")) return "Cluster API Provider Metal3, 1.13 or newer";
  return "Cluster API, 1.13 or newer";
}

function namespaceMissing(plan: ClusterPlan): Finding {
  return {
    id: "management/namespace-exists",
    severity: "error",
    at: "management.namespace",
    problem: `the namespace "${plan.namespace}" does not exist in the management cluster`,
    fix: `kubectl --context ${plan.management.context} create namespace ${plan.namespace}`,
  };
}

async function permissionsMissing(
  api: KubernetesApi,
  plan: ClusterPlan,
  types: readonly ResourceType[],
): Promise<readonly Finding[]> {
  const questions = types.flatMap((type) => verbs.map((verb) => ({ type, verb })));
  const answers = await Promise.all(
    questions.map(async ({ type, verb }) => {
      const group = type.apiVersion.includes("/") ? type.apiVersion.split("/")[0] : "";
      const review = await api.request("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", {
        body: {
          apiVersion: "authorization.k8s.io/v1",
          kind: "SelfSubjectAccessReview",
          spec: { resourceAttributes: { namespace: plan.namespace, group, resource: type.plural, verb } },
        },
      });
      return field(review, "status", "allowed") === true ? undefined : { type, verb };
    }),
  );
  const denied = new Map<string, string[]>();
  for (const answer of answers) {
    if (answer === undefined) continue;
    denied.set(answer.type.plural, [...(denied.get(answer.type.plural) ?? []), answer.verb]);
  }
  return [...denied].map(([plural, missing]) => ({
    id: "management/permitted",
    severity: "error",
    at: "management.context",
    problem: `this user may not ${missing.join(", ")} ${plural} in namespace "${plan.namespace}"`,
    fix: `grant these verbs to the user of context "${plan.management.context}"`,
  }));
}

async function objectFindings(
  api: KubernetesApi,
  type: ResourceType,
  object: KubernetesObject,
): Promise<readonly Finding[]> {
  const { name, namespace, labels } = object.metadata;
  const live = await api.get(type, name, namespace);
  const owner = live?.metadata.labels?.[ownerLabel];
  if (live !== undefined && owner !== labels?.[ownerLabel]) {
    return [
      {
        id: "management/objects-ours",
        severity: "error",
        at: "",
        problem: `${object.kind} ${name} exists and belongs to ${owner === undefined ? "no stack of metal" : `stack "${owner}"`}`,
        fix: "choose another name in the stack file, or remove that object if nobody needs it",
      },
    ];
  }
  const refusal = await dryRun(api, type, object, live !== undefined);
  if (refusal === undefined) return [];
  return [
    {
      id: "management/objects-accepted",
      severity: "error",
      at: "",
      problem: `${object.kind} ${name} is refused by the API server: ${refusal}`,
      fix: "correct the value that it names in the stack file",
    },
  ];
}

/** With bootstrap-only nobody applies a second render, so a changed one would silently do nothing. */
async function bootstrapOnlyChange(
  api: KubernetesApi,
  plan: ClusterPlan,
  render: CiliumRender,
): Promise<readonly Finding[]> {
  if (plan.cilium.lifecycle !== "bootstrap-only") return [];
  const { name } = plan.resourceSet.payload.metadata;
  const [binding, payload] = await Promise.all([
    api.get(resources.ClusterResourceSetBinding, plan.name, plan.namespace),
    api.get(resources.ConfigMap, name, plan.namespace),
  ]);
  const applied = list(binding, "spec", "bindings").some((entry) =>
    list(entry, "resources").some(
      (resource) => text(resource, "name") === name && field(resource, "applied") === true,
    ),
  );
  if (!applied || text(payload, "data", "cilium.yaml") === render.text) return [];
  return [
    {
      id: "lifecycle/change-reaches-cluster",
      severity: "error",
      at: "cilium.lifecycle",
      problem:
        "Cilium's render has changed, but with bootstrap-only nothing applies it to the running cluster",
      fix: "write lifecycle: pulumi to let this stack own Cilium, or take the change back",
    },
  ];
}
