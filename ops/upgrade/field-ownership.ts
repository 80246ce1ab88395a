import { fieldManager, takenOver } from "../../model/cilium/ownership";
import type { ObjectKey } from "../../model/cilium/upgrade";
import { resourcePath } from "../../model/kubernetes/object";
import { ApiError, type KubernetesApi } from "../kubernetes/api";
import { Kinds } from "./workload";

/** A controller may write in between; then the object is read again. */
const tries = 5;

/** Makes us the one writer of these objects, whoever has applied them first; their content stays as it is. */
export async function takeOver(api: KubernetesApi, keys: readonly ObjectKey[]): Promise<void> {
  const kinds = new Kinds(api);
  await Promise.all(
    keys.map(async (key) => {
      const type = await kinds.find(key);
      if (type === undefined) return;
      for (let attempt = 1; ; attempt += 1) {
        const live = await api.get(type, key.name, key.namespace);
        const managedFields = live === undefined ? undefined : takenOver(live, fieldManager);
        if (live === undefined || managedFields === undefined) return;
        try {
          await api.request("PATCH", resourcePath(type, key.namespace, key.name), {
            contentType: "application/json-patch+json",
            body: [
              { op: "replace", path: "/metadata/managedFields", value: managedFields },
              { op: "replace", path: "/metadata/resourceVersion", value: live.metadata.resourceVersion },
            ],
          });
          return;
        } catch (error) {
          if (attempt === tries || !(error instanceof ApiError && error.status === 409)) throw error;
        }
      }
    }),
  );
}
