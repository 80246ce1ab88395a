import { type KubernetesObject, type ResourceType, field } from "../../model/kubernetes/object";
import type { PlannedAndLive } from "../../model/live/preflight/objects";
import type { KubernetesApi } from "../kubernetes/api";
import { resourcePath } from "../../model/kubernetes/object";

/** Planned objects beside what a cluster holds under their names, whole; kinds that are not served have nothing there. */
export async function besideLive(
  api: KubernetesApi,
  planned: readonly KubernetesObject[],
): Promise<readonly PlannedAndLive[]> {
  const versions = [...new Set(planned.map(({ apiVersion }) => apiVersion))];
  const served = new Map(
    await Promise.all(versions.map(async (version) => [version, await api.served(version)] as const)),
  );
  return Promise.all(
    planned.map(async (object) => {
      const type = served.get(object.apiVersion)?.find(({ kind }) => kind === object.kind);
      const live = type === undefined ? undefined : await liveOf(api, type, object);
      return live === undefined ? { planned: object } : { planned: object, live };
    }),
  );
}

async function liveOf(
  api: KubernetesApi,
  type: ResourceType,
  { metadata }: KubernetesObject,
): Promise<KubernetesObject | undefined> {
  const path = resourcePath(type, metadata.namespace, metadata.name);
  const found = (await api.requestIfFound("GET", path)) as KubernetesObject | undefined;
  return found === undefined || type.kind !== "Secret" ? found : withoutValues(found);
}

/** Which keys a Secret has is to be compared; what they hold is nobody's business. */
function withoutValues(secret: KubernetesObject): KubernetesObject {
  const keys = Object.keys((field(secret, "data") as object | undefined) ?? {});
  return { ...secret, data: Object.fromEntries(keys.map((key) => [key, ""])) };
}
