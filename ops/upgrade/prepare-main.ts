import { fieldManager, takenOver } from "../../model/cilium/ownership";
import type { ObjectKey, PrepareOrder } from "../../model/cilium/upgrade";
import { resourcePath } from "../../model/kubernetes/object";
import { plainText } from "../../model/redaction/shown";
import { reportDefects } from "../defect";
import { type KubernetesApi, ApiError } from "../kubernetes/api";
import { tryUpgrade } from "./trial";
import { Kinds, clustersOf } from "./workload";
import { readAll } from "../wait/order";

/**
 * Before the stack writes Cilium's objects: tries another version, then takes ownership of their fields. Run as
 * `exec node --import tsx ops/upgrade/prepare-main.ts`, a PrepareOrder on standard input.
 */
async function main(): Promise<number> {
  const order = JSON.parse(await readAll(process.stdin)) as PrepareOrder;
  await using clusters = clustersOf(order.wait);
  try {
    const api = await clusters.workload();
    const code = await tryUpgrade(api, order);
    if (code === 0) await takeOver(api, order.objects);
    return code;
  } catch (error) {
    process.stderr.write(
      `nothing of the running Cilium was changed: ${plainText((error as Error).message)}\n`,
    );
    return 1;
  }
}

/** Attempts: a controller may write in between, and the object is then read again. */
const tries = 5;

/** Makes this stack the only field manager of these objects; their content does not change. */
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

reportDefects();
void main().then((code) => process.exit(code));
