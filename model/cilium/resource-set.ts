import type { KubernetesObject } from "../kubernetes/object";
import type { ClusterPlan, ResourceSetPlan } from "../plan/plan";
import type { ClusterReadinessPlan } from "../plan/readiness";
import type { CiliumRender } from "./manifest";

/** The set as it is applied: it names the Secret too when the render holds Secrets, after the ConfigMap with the namespaces. */
export function resourceSetOf({ resourceSet }: ResourceSetPlan, render: CiliumRender): KubernetesObject {
  const spec = resourceSet["spec"] as object;
  return { ...resourceSet, spec: { ...spec, resources: payloadsOf(resourceSet.metadata.name, render) } };
}

/** What must hold before the cluster is ready, with what is known only after rendering. */
export function readinessOf({ readiness }: ClusterPlan, render: CiliumRender): ClusterReadinessPlan {
  const { name } = readiness.resourceSet;
  return {
    ...readiness,
    resourceSet: { name, resources: payloadsOf(name, render) },
    workloads: render.workloads,
  };
}

function payloadsOf(
  name: string,
  { secrets }: CiliumRender,
): ClusterReadinessPlan["resourceSet"]["resources"] {
  return [{ kind: "ConfigMap", name }, ...(secrets === undefined ? [] : [{ kind: "Secret" as const, name }])];
}
