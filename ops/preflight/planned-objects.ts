import type { CiliumRender } from "../../model/cilium/manifest";
import type { KubernetesObject } from "../../model/kubernetes/object";
import type { ClusterPlan } from "../../model/plan/plan";

/** Every object that the plan puts into the management cluster, as it will be sent; secret values are dummies. */
export function plannedManagementObjects(
  plan: ClusterPlan,
  render: CiliumRender,
): readonly KubernetesObject[] {
  return [
    { ...plan.resourceSet.payload, data: { "cilium.yaml": render.text } },
    plan.resourceSet.resourceSet,
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
