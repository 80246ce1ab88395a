import { type CiliumRender, resourceSetOf } from "../../model/cilium/manifest";
import { withoutContent } from "../../model/kubernetes/content";
import type { KubernetesObject, ResourceType } from "../../model/kubernetes/object";
import type { PlannedAndLive } from "../../model/live/differences";
import type { ClusterPlan, ResourceSetPlan } from "../../model/plan/plan";
import type { KubernetesApi } from "../kubernetes/api";

/** `apiVersion/Kind`. */
export function kindOf({ apiVersion, kind }: Pick<ResourceType, "apiVersion" | "kind">): string {
  return `${apiVersion}/${kind}`;
}

/** Planned objects, each with the object that a cluster has under its name. */
export interface PlannedReading {
  readonly objects: readonly PlannedAndLive[];
  /** Kinds that the cluster does not serve, `apiVersion/Kind`; their objects have nothing live. */
  readonly unserved: ReadonlySet<string>;
}

/** Reads the live object of each planned one; `namespace` is that of planned objects without one. Secrets lose their values. */
export async function readPlanned(
  api: KubernetesApi,
  planned: readonly KubernetesObject[],
  namespace?: string,
): Promise<PlannedReading> {
  const versions = [...new Set(planned.map(({ apiVersion }) => apiVersion))];
  const types = (await Promise.all(versions.map((version) => api.served(version)))).flat();
  const served = new Map(types.map((type) => [kindOf(type), type]));
  const objects = planned.map(async (object): Promise<PlannedAndLive> => {
    const type = served.get(kindOf(object));
    const { name, namespace: own = namespace } = object.metadata;
    const live = type === undefined ? undefined : await api.get(type, name, own);
    return live === undefined ? { planned: object } : { planned: object, live: withoutContent(live) };
  });
  return {
    objects: await Promise.all(objects),
    unserved: new Set(planned.map(kindOf).filter((kind) => !served.has(kind))),
  };
}

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
    ...[...plan.hosts.secrets, ...plan.cluster.secrets].map(({ manifest, text, secret, composed }) => ({
      ...manifest,
      stringData: {
        ...text,
        ...Object.fromEntries(Object.keys({ ...secret, ...composed }).map((key) => [key, "preflight"])),
      },
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
