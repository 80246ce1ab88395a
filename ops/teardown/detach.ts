import { setTimeout as sleep } from "node:timers/promises";
import { type KubernetesObject, type ResourceType, text } from "../../model/kubernetes/object";
import { resources } from "../../model/kubernetes/resources";
import { type DetachPlan, detachAnnotation, hasLetGo } from "../../model/live/teardown/detach";
import type { KubernetesApi } from "../kubernetes/api";

/** It did not happen in time; what was done before stays done, and the same command goes on from there. */
export class DetachIncomplete extends Error {}

/** What a detach works with. */
export interface DetachSite {
  readonly api: Pick<KubernetesApi, "get" | "list" | "mergePatch" | "delete">;
  readonly say: (line: string) => void;
  /** For each host, and for the Cluster. */
  readonly timeoutSeconds: number;
}

/**
 * Gives hosts up as they are: Metal3 lets go of each, then its object is deleted, which touches neither disk nor power.
 * With a Cluster, its health checks are held first so that none repairs what is missing, and it is deleted last: machines
 * without a host end at once, and nothing inside is drained. Every step may be repeated.
 */
export async function detach({ hosts, cluster }: DetachPlan, site: DetachSite): Promise<void> {
  if (cluster !== undefined) await holdHealthChecks(site, cluster);
  for (const host of hosts) await giveUp(site, host);
  if (cluster === undefined) return;
  const { name, namespace } = cluster.metadata;
  await site.api.delete(resources.Cluster, name, namespace, "Background");
  await until(site, resources.Cluster, cluster, (found) => found === undefined);
  site.say(`Cluster ${name}: deleted; its nodes run on`);
}

/** Not the Cluster: Metal3 pauses the hosts of a paused Cluster, and lets go of no paused host. */
async function holdHealthChecks({ api, say }: DetachSite, { metadata }: KubernetesObject): Promise<void> {
  const { items } = await api.list(resources.MachineHealthCheck, metadata.namespace);
  const own = items.filter((check) => text(check, "spec", "clusterName") === metadata.name);
  const patch = { metadata: { annotations: { "cluster.x-k8s.io/paused": "" } } };
  for (const check of own)
    await api.mergePatch(resources.MachineHealthCheck, check.metadata.name, metadata.namespace, patch);
  say(`Cluster ${metadata.name}: ${own.length} health checks held, so that nothing is repaired meanwhile`);
}

async function giveUp(site: DetachSite, host: KubernetesObject): Promise<void> {
  const { name, namespace } = host.metadata;
  const patch = { metadata: { annotations: detachAnnotation(host) } };
  await site.api.mergePatch(resources.BareMetalHost, name, namespace, patch);
  await until(site, resources.BareMetalHost, host, (found) => found === undefined || hasLetGo(found));
  await site.api.delete(resources.BareMetalHost, name, namespace);
  await until(site, resources.BareMetalHost, host, (found) => found === undefined);
  site.say(`${name}: given up as it is`);
}

async function until(
  { api, timeoutSeconds }: DetachSite,
  type: ResourceType,
  { metadata }: KubernetesObject,
  holds: (found: KubernetesObject | undefined) => boolean,
): Promise<void> {
  const deadline = Date.now() + timeoutSeconds * 1000;
  for (;;) {
    if (holds(await api.get(type, metadata.name, metadata.namespace))) return;
    if (Date.now() > deadline) {
      throw new DetachIncomplete(
        `${type.kind} ${metadata.name} did not follow within ${timeoutSeconds} s; see kubectl describe, then run the same command again`,
      );
    }
    await sleep(500);
  }
}
