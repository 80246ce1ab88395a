import { createHash, X509Certificate } from "node:crypto";
import type { BareMetalHost } from "../../model/kubernetes/metal3";
import { type KubernetesObject, field, list, text } from "../../model/kubernetes/object";
import { resources } from "../../model/kubernetes/resources";
import { claimOf } from "../../model/live/readiness/host-claim";
import type { Credential, ManagementPart, Reading, Side, Snapshot } from "../../model/live/snapshot";
import type { ClusterPlan } from "../../model/plan/plan";
import { plainText } from "../../model/redaction/shown";
import type { KubernetesApi } from "../kubernetes/api";
import { type Source, keptBy, unreadOf } from "../kubernetes/informer";
import { ClusterUnreadable, type StackClusters } from "./clusters";
import { managementSources, workloadSources } from "./sources";
import { KubeconfigError, parseKubeconfig } from "../kubernetes/kubeconfig";

/**
 * Reads everything that belongs to a stack from both clusters, all parts at once. Never throws for what a cluster does: a
 * part that cannot be read has the reason, and a cluster that cannot be queried leaves the other half as it is.
 */
export async function readSnapshot(
  plan: Pick<ClusterPlan, "name" | "namespace" | "resourceSet" | "readiness">,
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
    management: {
      ...management,
      payloadHashes: payloadHashes(management),
      consumers: await consumersOf(plan, clusters, management, now),
    },
    workload: { ...workload, ...access },
  };
}

/** Reads the Metal3Machines that planned hosts name as their consumers and that the lists do not have. */
async function consumersOf(
  { namespace, readiness }: Pick<ClusterPlan, "namespace" | "readiness">,
  clusters: StackClusters,
  { reached, parts }: Side<ManagementPart>,
  now: () => number,
): Promise<Readonly<Record<string, Reading>>> {
  const machines = parts.metal3Machines.objects;
  if (!reached || machines === undefined) return {};
  const known = new Set(machines.map(({ metadata }) => metadata.name));
  const planned = new Set(readiness.hosts.map(({ name }) => name));
  const names = ((parts.hosts.objects ?? []) as readonly BareMetalHost[])
    .filter(({ metadata }) => planned.has(metadata.name))
    .map((host) => claimOf(host))
    .filter((claim) => claim?.by === "machine" && claim.namespace === namespace && !known.has(claim.name))
    .flatMap((claim) => claim?.name ?? []);
  if (names.length === 0) return {};
  const api = await clusters.management();
  const read = async (name: string): Promise<readonly [string, Reading]> => {
    try {
      const machine = await api.get(resources.Metal3Machine, name, namespace);
      return [name, { at: now(), objects: machine === undefined ? [] : [machine] }];
    } catch (error) {
      return [name, { at: now(), unread: unreadOf(error as Error) }];
    }
  };
  return Object.fromEntries(await Promise.all([...new Set(names)].map(read)));
}

async function sideOf<Part extends string>(
  open: () => Promise<KubernetesApi>,
  sources: readonly Source<Part>[],
  now: () => number,
): Promise<Side<Part>> {
  const opened = await open().catch(unreadable);
  if (typeof opened === "string") {
    const at = now();
    const parts = partsOf(sources, () => ({ at, unread: { why: opened } }));
    return { reached: false, trouble: { since: at, message: opened }, parts };
  }
  const readings = await Promise.all(sources.map((source) => readingOf(opened, source, now)));
  const { server } = opened.connection;
  return { server, reached: true, parts: partsOf(sources, (index) => readings[index]) };
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
  source: Source<Part>,
  now: () => number,
): Promise<Reading> {
  const { type, namespace, query } = source;
  try {
    const items =
      type.kind === "Secret"
        ? await api.listMetadata(type, namespace)
        : (await api.list(type, namespace, query)).items;
    return { at: now(), objects: keptBy(source, items) };
  } catch (error) {
    return { at: now(), unread: unreadOf(error as Error) };
  }
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

/** The hash that Cluster API records in a binding: SHA-256 over the values of a payload in the order of their keys. */
function payloadHash(payload: KubernetesObject): string {
  const data = (field(payload, "data") ?? {}) as Readonly<Record<string, string>>;
  const hash = createHash("sha256");
  for (const key of Object.keys(data).sort()) hash.update(data[key] ?? "");
  return `sha256:${hash.digest("hex")}`;
}

/** The hashes of all payloads that were read, by name. */
export function payloadHashes({ parts }: Side<ManagementPart>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    (parts.payloads.objects ?? []).map((payload) => [payload.metadata.name, payloadHash(payload)]),
  );
}

/** The certificates in a kubeconfig and when they end; what cannot be read as one is left out. */
export function credentialsOf(kubeconfig: string, object: string): readonly Credential[] {
  const config = configOf(kubeconfig, object);
  const found = [
    ["kubeconfig", text(list(config, "users")[0], "user", "client-certificate-data")],
    ["ca", text(list(config, "clusters")[0], "cluster", "certificate-authority-data")],
  ] as const;
  return found.flatMap(([name, data]) => {
    const notAfter = data === undefined ? undefined : endOf(data);
    return notAfter === undefined ? [] : [{ name, object, notAfter }];
  });
}

function configOf(kubeconfig: string, object: string): unknown {
  try {
    return parseKubeconfig(kubeconfig, object);
  } catch (error) {
    if (!(error instanceof KubeconfigError)) throw error;
    return undefined; // opening the cluster with it reports what is wrong
  }
}

function endOf(data: string): number | undefined {
  try {
    return Date.parse(new X509Certificate(Buffer.from(data, "base64")).validTo);
  } catch {
    return undefined;
  }
}
