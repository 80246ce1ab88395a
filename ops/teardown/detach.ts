import type { BareMetalHost } from "../../model/kubernetes/metal3";
import type { KubernetesObject, ResourceType } from "../../model/kubernetes/object";
import { resources, type KindOf } from "../../model/kubernetes/resources";
import { type DetachPlan, detachAnnotation, hasLetGo } from "../../model/live/teardown/detach";
import type { KubernetesApi } from "../kubernetes/api";
import { polled } from "../polling";

/** A step exceeded its deadline; completed steps remain, and the same command continues from there. */
export class DetachIncomplete extends Error {}

/** What a detach needs. */
export interface DetachContext {
  readonly api: Pick<KubernetesApi, "get" | "list" | "mergePatch" | "delete">;
  readonly report: (line: string) => void;
  /** For each host, and for the Cluster. */
  readonly timeoutSeconds: number;
}

/**
 * Detaches hosts as they are: Metal3 detaches each, then its object is deleted, which touches neither disk nor power.
 * With a Cluster, its health checks are held first so that none repairs what is missing, and it is deleted last: machines
 * without a host end at once, and nothing inside is drained. Every step may be repeated.
 */
export async function detach({ hosts, cluster }: DetachPlan, context: DetachContext): Promise<void> {
  if (cluster !== undefined) await holdHealthChecks(context, cluster);
  for (const host of hosts) await detachHost(context, host);
  if (cluster === undefined) return;
  const { name, namespace } = cluster.metadata;
  await context.api.delete(resources.Cluster, name, namespace, "Background");
  await until(context, resources.Cluster, cluster, (found) => found === undefined);
  context.report(`Cluster ${name}: deleted; its nodes run on`);
}

/** Not the Cluster: Metal3 pauses the hosts of a paused Cluster, and does not detach a paused host. */
async function holdHealthChecks(
  { api, report }: DetachContext,
  { metadata }: KubernetesObject,
): Promise<void> {
  const { items } = await api.list(resources.MachineHealthCheck, metadata.namespace);
  const own = items.filter(({ spec }) => spec?.clusterName === metadata.name);
  const patch = { metadata: { annotations: { "cluster.x-k8s.io/paused": "" } } };
  for (const check of own)
    await api.mergePatch(resources.MachineHealthCheck, check.metadata.name, metadata.namespace, patch);
  report(
    `Cluster ${metadata.name}: ${own.length} health checks paused, so that no machine is remediated meanwhile`,
  );
}

async function detachHost(context: DetachContext, host: BareMetalHost): Promise<void> {
  const { name, namespace } = host.metadata;
  const patch = { metadata: { annotations: detachAnnotation(host) } };
  await context.api.mergePatch(resources.BareMetalHost, name, namespace, patch);
  await until(context, resources.BareMetalHost, host, (found) => found === undefined || hasLetGo(found));
  await context.api.delete(resources.BareMetalHost, name, namespace);
  await until(context, resources.BareMetalHost, host, (found) => found === undefined);
  context.report(`${name}: detached as it is`);
}

async function until<Kind extends string>(
  { api, timeoutSeconds }: DetachContext,
  type: ResourceType<Kind>,
  { metadata }: KubernetesObject,
  holds: (found: KindOf<Kind> | undefined) => boolean,
): Promise<void> {
  const read = () => api.get(type, metadata.name, metadata.namespace);
  const { held } = await polled(read, holds, { seconds: timeoutSeconds });
  if (held) return;
  throw new DetachIncomplete(
    `${type.kind} ${metadata.name} was not detached or deleted within ${timeoutSeconds} s; see kubectl describe, then run the same command again`,
  );
}
