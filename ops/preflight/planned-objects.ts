import type { CiliumRender } from "../../model/cilium/manifest";
import type { KubernetesObject } from "../../model/kubernetes/object";
import { resourceSetOf } from "../../model/cilium/resource-set";
import type { ClusterPlan, ResourceSetPlan } from "../../model/plan/plan";

/**
 * Every object that the plan puts into the management cluster, as it will be sent; secret values are dummies, and the
 * payload is empty while nothing is rendered.
 */
export function plannedManagementObjects(
  plan: ClusterPlan,
  render: CiliumRender | undefined,
): readonly KubernetesObject[] {
  return [
    ...payloads(plan.resourceSet, render),
    ...plan.hosts.secrets.map(({ manifest, text, secret }) => ({
      ...manifest,
      stringData: { ...text, ...Object.fromEntries(Object.keys(secret).map((key) => [key, "preflight"])) },
    })),
    ...plan.hosts.hosts,
    ...plan.cluster.templates.map(({ manifest }) => manifest),
    ...plan.cluster.objects,
    plan.cluster.cluster,
  ];
}

function payloads(plan: ResourceSetPlan, render: CiliumRender | undefined): readonly KubernetesObject[] {
  const payload = { ...plan.payload, data: { "cilium.yaml": render?.text ?? "" } };
  if (render === undefined) return [payload, plan.resourceSet];
  const secret = { ...plan.secretPayload, stringData: { "cilium-secrets.yaml": "preflight" } };
  return [payload, ...(render.secrets === undefined ? [] : [secret]), resourceSetOf(plan, render)];
}
