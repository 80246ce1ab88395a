import { setTimeout as sleep } from "node:timers/promises";
import { resources } from "../../model/kubernetes/resources";
import type { ClusterPlan } from "../../model/plan/plan";
import { plainText } from "../../model/redaction/shown";
import { isOrphaned, withoutFinalizer } from "../../model/live/recover/remediation";
import { ApiError, type KubernetesApi } from "../kubernetes/api";
import type { StackClusters } from "../live/clusters";

/** Another writer may be faster a few times in a row. */
const attempts = 5;

/**
 * Removes what ended remediations have left of a cluster: an object that keeps its finalizer for ever, and with it the
 * namespace. Returns their names; none where the kind is not served. Rejects with the API server's refusal.
 */
export async function removeOrphanedRemediations(
  api: Pick<KubernetesApi, "list" | "mergePatch" | "delete">,
  namespace: string,
  cluster: string,
): Promise<readonly string[]> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await removeOnce(api, namespace, cluster);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 404) return [];
      if (error.status !== 409 || attempt === attempts) throw error;
      await sleep(200);
    }
  }
}

async function removeOnce(
  api: Pick<KubernetesApi, "list" | "mergePatch" | "delete">,
  namespace: string,
  cluster: string,
): Promise<readonly string[]> {
  const ofCluster = { labelSelector: `cluster.x-k8s.io/cluster-name=${cluster}` };
  const { items } = await api.list(resources.Metal3Remediation, namespace, ofCluster);
  if (items.length === 0) return [];
  // After the remediations: a machine that comes meanwhile has none yet.
  const machines = (await api.list(resources.Machine, namespace)).items;
  const orphaned = items.filter((remediation) => isOrphaned(remediation, machines));
  for (const remediation of orphaned) {
    const { name } = remediation.metadata;
    await api.mergePatch(resources.Metal3Remediation, name, namespace, withoutFinalizer(remediation));
    await api.delete(resources.Metal3Remediation, name, namespace);
  }
  return orphaned.map(({ metadata }) => metadata.name);
}

/** The same at the end of a recovery, which it does not make fail: what was removed, or why nothing could be. */
export async function orphansRemoved(
  { name, namespace }: Pick<ClusterPlan, "name" | "namespace">,
  clusters: StackClusters,
): Promise<readonly string[]> {
  try {
    const removed = await removeOrphanedRemediations(await clusters.management(), namespace, name);
    return removed.map((each) => `the orphaned Metal3Remediation ${each} is removed`);
  } catch (error) {
    const why = plainText((error as Error).message);
    return [
      `orphaned Metal3Remediations cannot be removed (${why}); any that is left keeps namespace ${namespace}`,
    ];
  }
}
