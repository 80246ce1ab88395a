import type { KubernetesObject } from "../../model/kubernetes/object";
import type { ReadinessPlan } from "../../model/live/readiness/assess";
import type { Reading, Side, Snapshot } from "../../model/live/snapshot";
import { type Look, look, noMemory } from "../../model/live/readiness/tracker";
import type { Source } from "../../ops/kubernetes/informer";
import { managementSources, workloadSources } from "../../ops/live/sources";
import { plan } from "../live/settled";
import { namespace, readyManagement, readyWorkload } from "./objects";

/** Everything of the objects listed, the cluster reached. */
function sideOf<Part extends string>(
  sources: readonly Source<Part>[],
  objects: readonly KubernetesObject[],
): Side<Part> {
  const readings = sources.map(({ part, type }): [string, Reading] => [
    part,
    { at: 0, objects: objects.filter(({ kind }) => kind === type.kind) },
  ]);
  return { reached: true, parts: Object.fromEntries(readings) as Record<Part, Reading> };
}

/** A cluster that has not answered yet. */
export function unlisted<Part extends string>({ parts }: Side<Part>): Side<Part> {
  const readings = Object.keys(parts).map((part): [string, Reading] => [
    part,
    { at: 0, unread: { why: "not listed yet", status: 404 } },
  ]);
  return { reached: false, parts: Object.fromEntries(readings) as Record<Part, Reading> };
}

/** Everything listed, the workload cluster reached and its endpoint steady for an hour before time zero. */
export function observe(objects: readonly KubernetesObject[], parts: Partial<Snapshot> = {}): Snapshot {
  return {
    cluster: "capi-1",
    namespace,
    at: 0,
    management: sideOf(managementSources(plan), objects),
    workload: { ...sideOf(workloadSources, objects), kubeconfig: true, credentials: [] },
    probes: { steadySince: -3_600_000 },
    ...parts,
  };
}

/** The ready cluster with some objects replaced (same kind and name) or left out. */
export function readyBut(
  replaced: readonly KubernetesObject[],
  removed: (object: KubernetesObject) => boolean = () => false,
): KubernetesObject[] {
  const same = (a: KubernetesObject, b: KubernetesObject) =>
    a.kind === b.kind && a.metadata.name === b.metadata.name;
  const base = [...readyManagement(), ...readyWorkload()];
  return [...base.filter((old) => !replaced.some((fresh) => same(old, fresh)) && !removed(old)), ...replaced];
}

/** Looks at several observations in turn; `at` is in seconds. */
export function looks(
  plan: ReadinessPlan,
  steps: readonly { readonly at: number; readonly see: Snapshot }[],
): readonly Look[] {
  let memory = noMemory;
  return steps.map(({ at, see }) => {
    const found = look(plan, see, memory, at * 1000);
    memory = found.memory;
    return found;
  });
}
