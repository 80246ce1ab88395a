import type { ChangeSide } from "../../model/change/compare";
import type { Drift } from "../../model/change/change";
import { type ClusterReading, driftOf } from "../../model/change/drift";
import { named, plainWords, words } from "../../model/change/formatted-text";
import type { KubernetesObject } from "../../model/kubernetes/object";
import type { KubernetesApi } from "../kubernetes/api";
import { ClusterUnreadable, StackClusters, queried } from "../live/clusters";
import { kindOf, plannedManagementObjects, readPlanned } from "../live/planned";

/** Compares a side with what runs in both clusters of the stack. Reads only; what cannot be read is listed as unknown. */
export async function compareWithRunning({ plan, render }: ChangeSide, directory: string): Promise<Drift> {
  await using clusters = new StackClusters(plan, directory);
  const management = await reading("management", "the management cluster", async () => {
    const api = await clusters.management();
    return readAll(api, plannedManagementObjects(plan, render), plan.namespace);
  });
  if (!management.objects.some(({ planned, live }) => planned.kind === "Cluster" && live !== undefined)) {
    const there =
      management.unknown.length > 0 ? management.unknown : [words`cluster ${plan.name} is not there yet`];
    return driftOf([{ ...management, objects: [], unknown: there }]);
  }
  const objects = [
    ...(render?.objects ?? []),
    ...(plan.bgp?.objects ?? []),
    ...(plan.loadBalancer?.objects ?? []),
  ];
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
    return { cluster, ...(await queried(name, read)) };
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
  const { objects, unserved } = await readPlanned(api, planned, namespace);
  return {
    objects: objects.filter((each) => !unserved.has(kindOf(each.planned))),
    unknown:
      unserved.size === 0 ? [] : [words`kinds that are not served there: ${named([...unserved].sort())}`],
  };
}
