import { slim } from "../../model/kubernetes/content";
import type { KubernetesObject } from "../../model/kubernetes/object";
import type { Credential, Reading, Side, Snapshot, Unread } from "../../model/live/snapshot";
import type { ClusterPlan } from "../../model/plan/plan";
import { plainText } from "../../model/redaction/plain-text";
import { ApiError, type KubernetesApi } from "../kubernetes/api";
import { ClusterUnreadable, type StackClusters } from "./clusters";
import { credentialsOf } from "./credentials";
import { payloadHashes } from "./payload-hash";
import { type Source, managementSources, workloadSources } from "./sources";

/**
 * Reads everything that belongs to a stack from both clusters, all parts at once. Never throws for what a cluster does: a
 * part that cannot be read says why, and a cluster that cannot be asked leaves the other half as it is.
 */
export async function readSnapshot(
  plan: Pick<ClusterPlan, "name" | "namespace" | "resourceSet">,
  clusters: StackClusters,
  now: () => number = Date.now,
): Promise<Snapshot> {
  const at = now();
  const [management, workload, access] = await Promise.all([
    sideOf(() => clusters.management(), managementSources(plan), now),
    sideOf(() => clusters.workload(), workloadSources, now),
    accessOf(clusters),
  ]);
  return {
    cluster: plan.name,
    namespace: plan.namespace,
    at,
    management: { ...management, payloadHashes: payloadHashes(management) },
    workload: { ...workload, ...access },
  };
}

async function sideOf<Part extends string>(
  open: () => Promise<KubernetesApi>,
  sources: readonly Source<Part>[],
  now: () => number,
): Promise<Side<Part>> {
  const opened = await open().catch(unreadable);
  if (typeof opened === "string") {
    return { unreachable: opened, parts: partsOf(sources, () => ({ at: now(), unread: { why: opened } })) };
  }
  const readings = await Promise.all(sources.map((source) => readingOf(opened, source, now)));
  return { server: opened.connection.server, parts: partsOf(sources, (index) => readings[index]) };
}

function partsOf<Part extends string>(
  sources: readonly Source<Part>[],
  reading: (index: number) => Reading | undefined,
): Record<Part, Reading> {
  return Object.fromEntries(sources.map(({ part }, index) => [part, reading(index)])) as Record<
    Part,
    Reading
  >;
}

async function readingOf<Part extends string>(
  api: KubernetesApi,
  { type, namespace, query, keep }: Source<Part>,
  now: () => number,
): Promise<Reading> {
  try {
    const items =
      type.kind === "Secret"
        ? await api.listMetadata(type, namespace)
        : (await api.list(type, namespace, query)).items;
    return { at: now(), objects: kept(items, keep) };
  } catch (error) {
    return { at: now(), unread: unreadOf(error as Error) };
  }
}

/** The objects of an answer that are the stack's, without what nobody may or wants to see. */
export function kept(
  objects: readonly KubernetesObject[],
  keep: Source<string>["keep"],
): readonly KubernetesObject[] {
  return (keep === undefined ? objects : objects.filter(keep)).map(slim);
}

/** An error of a read, in words that may be shown. */
export function unreadOf(error: Error): Unread {
  const why = plainText(error.message);
  return error instanceof ApiError ? { why, status: error.status } : { why };
}

async function accessOf(
  clusters: StackClusters,
): Promise<{ readonly kubeconfig?: boolean; readonly credentials: readonly Credential[] }> {
  const kubeconfig = await clusters.kubeconfig().catch((error: unknown) => {
    unreadable(error);
    return null;
  });
  if (kubeconfig === null) return { credentials: [] };
  if (kubeconfig === undefined) return { kubeconfig: false, credentials: [] };
  return { kubeconfig: true, credentials: credentialsOf(kubeconfig, `Secret/${clusters.kubeconfigSecret}`) };
}

function unreadable(error: unknown): string {
  if (error instanceof ClusterUnreadable) return plainText(error.message);
  throw error;
}
