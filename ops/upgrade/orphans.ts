import { type ObjectKey, type RolloutOrder, type RolloutRecord, orphans } from "../../model/cilium/upgrade";
import { isPrunable, spelt } from "../../model/cilium/upgrade";
import type { KubernetesApi } from "../kubernetes/api";
import { Kinds } from "./workload";

/** What became of an object that no render holds any more. */
export interface Leftover {
  readonly key: ObjectKey;
  readonly pruned: boolean;
  readonly text: string;
}

/** Deletes what left the render where it is ours, and names what stays. What is gone already is not spoken of. */
export async function settleLeftovers(
  api: KubernetesApi,
  { objects, prune }: RolloutOrder,
  before: RolloutRecord,
): Promise<readonly Leftover[]> {
  const kinds = new Kinds(api);
  const settled: Leftover[] = [];
  for (const key of orphans(before, objects)) {
    const type = await kinds.find(key);
    if (type === undefined || (await api.get(type, key.name, key.namespace)) === undefined) continue;
    const pruned = prune && isPrunable(key);
    if (pruned) await api.delete(type, key.name, key.namespace);
    settled.push({ key, pruned, text: textOf(key, pruned) });
  }
  return settled;
}

function textOf(key: ObjectKey, pruned: boolean): string {
  if (pruned) return `deleted ${spelt(key)}: the render does not hold it any more`;
  const { kind, namespace, name } = key;
  const place = namespace === undefined ? "" : ` -n ${namespace}`;
  return `${spelt(key)} stays, no render holds it and nobody deletes it: kubectl delete ${kind.toLowerCase()}${place} ${name}`;
}

/** The list that an earlier run left; an empty one when there was none, or none that can be read. */
export function recordIn(stdout: string | undefined): RolloutRecord {
  try {
    const { objects = [], left = [] } = JSON.parse(stdout ?? "{}") as Partial<RolloutRecord>;
    return { objects, left };
  } catch {
    return { objects: [], left: [] };
  }
}
