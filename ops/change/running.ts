import type { ChangeSide } from "../../model/change/compare";
import type { Drift } from "../../model/change/change";
import { type ClusterReading, type PlannedAndRunning, driftOf } from "../../model/change/drift";
import { plainWords, words } from "../../model/change/words";
import type { KubernetesObject } from "../../model/kubernetes/object";
import type { KubernetesApi } from "../kubernetes/api";
import { ClusterUnreadable, StackClusters, asked } from "../live/clusters";
import { kindOf } from "../preflight/management";
import { plannedManagementObjects } from "../preflight/planned-objects";

/** Compares a side with what runs in both clusters of the stack. Reads only; what cannot be asked is said. */
export async function compareWithRunning({ plan, render }: ChangeSide, directory: string): Promise<Drift> {
  const clusters = new StackClusters(plan, directory);
  try {
    const management = await reading("management", "the management cluster", async () => {
      const api = await clusters.management();
      return readAll(api, plannedManagementObjects(plan, render), plan.namespace);
    });
    if (
      !management.objects.some(({ planned, running }) => planned.kind === "Cluster" && running !== undefined)
    ) {
      const there =
        management.unknown.length > 0 ? management.unknown : [words`cluster ${plan.name} is not there yet`];
      return driftOf([{ ...management, objects: [], unknown: there }]);
    }
    const objects = [...(render?.objects ?? []), ...(plan.bgp?.objects ?? [])];
    const workload = await reading("workload", `cluster ${plan.name}`, async () =>
      readAll(await clusters.workload(), objects),
    );
    const unrendered = render === undefined ? [plainWords("Cilium's objects: nothing was rendered")] : [];
    return driftOf([management, { ...workload, unknown: [...workload.unknown, ...unrendered] }]);
  } finally {
    await clusters.close();
  }
}

async function reading(
  cluster: ClusterReading["cluster"],
  name: string,
  read: () => Promise<readonly PlannedAndRunning[]>,
): Promise<ClusterReading> {
  try {
    return { cluster, objects: await asked(name, read), unknown: [] };
  } catch (error) {
    if (!(error instanceof ClusterUnreadable)) throw error;
    return { cluster, objects: [], unknown: [words`${error.message}`] };
  }
}

async function readAll(
  api: KubernetesApi,
  planned: readonly KubernetesObject[],
  namespace?: string,
): Promise<readonly PlannedAndRunning[]> {
  const versions = [...new Set(planned.map(({ apiVersion }) => apiVersion))];
  const served = new Map(
    (await Promise.all(versions.map((version) => api.served(version))))
      .flat()
      .map((type) => [kindOf(type), type]),
  );
  return Promise.all(
    planned.map(async (object): Promise<PlannedAndRunning> => {
      const type = served.get(kindOf(object));
      const place = object.metadata.namespace ?? namespace;
      const running = type === undefined ? undefined : await api.get(type, object.metadata.name, place);
      return { planned: object, ...(running === undefined ? {} : { running: withoutContent(running) }) };
    }),
  );
}

/** What a Secret holds is dropped as soon as it is read. */
function withoutContent(object: KubernetesObject): KubernetesObject {
  const { apiVersion, kind, metadata } = object;
  return kind === "Secret" ? { apiVersion, kind, metadata } : object;
}
