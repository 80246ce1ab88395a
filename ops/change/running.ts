import type { ChangeSide } from "../../model/change/compare";
import type { Drift } from "../../model/change/change";
import { type ClusterReading, type PlannedAndRunning, driftOf } from "../../model/change/drift";
import { named, plainWords, words } from "../../model/change/formatted-text";
import type { KubernetesObject, ResourceType } from "../../model/kubernetes/object";
import type { KubernetesApi } from "../kubernetes/api";
import { ClusterUnreadable, StackClusters, asked } from "../live/clusters";
import { kindOf } from "../preflight/management";
import { plannedManagementObjects } from "../preflight/planned-objects";

/** Compares a side with what runs in both clusters of the stack. Changes nothing; what cannot be read is reported. */
export async function compareWithRunning({ plan, render }: ChangeSide, directory: string): Promise<Drift> {
  await using clusters = new StackClusters(plan, directory);
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
}

type Read = Pick<ClusterReading, "objects" | "unknown">;

async function reading(
  cluster: ClusterReading["cluster"],
  name: string,
  read: () => Promise<Read>,
): Promise<ClusterReading> {
  try {
    return { cluster, ...(await asked(name, read)) };
  } catch (error) {
    if (!(error instanceof ClusterUnreadable)) throw error;
    return { cluster, objects: [], unknown: [words`${error.message}`] };
  }
}

async function readAll(
  api: KubernetesApi,
  planned: readonly KubernetesObject[],
  namespace?: string,
): Promise<Read> {
  const versions = [...new Set(planned.map(({ apiVersion }) => apiVersion))];
  const types = (await Promise.all(versions.map((version) => api.served(version)))).flat();
  const served = new Map(types.map((type) => [kindOf(type), type]));
  const unserved = new Set(planned.map(kindOf).filter((kind) => !served.has(kind)));
  const objects = planned.flatMap((object): Promise<PlannedAndRunning>[] => {
    const type = served.get(kindOf(object));
    return type === undefined ? [] : [readOne(api, type, object, namespace)];
  });
  return {
    objects: await Promise.all(objects),
    unknown:
      unserved.size === 0 ? [] : [words`kinds that are not served there: ${named([...unserved].sort())}`],
  };
}

async function readOne(
  api: KubernetesApi,
  type: ResourceType,
  planned: KubernetesObject,
  namespace: string | undefined,
): Promise<PlannedAndRunning> {
  const running = await api.get(type, planned.metadata.name, planned.metadata.namespace ?? namespace);
  return { planned, ...(running === undefined ? {} : { running: withoutContent(running) }) };
}

/** The content of a Secret is dropped as soon as it is read. */
function withoutContent(object: KubernetesObject): KubernetesObject {
  const { apiVersion, kind, metadata } = object;
  return kind === "Secret" ? { apiVersion, kind, metadata } : object;
}
