import type { KubernetesObject } from "../../model/kubernetes/object";
import type { ReadinessPlan } from "../../model/live/readiness/assess";
import type { Reading, Side, Snapshot } from "../../model/live/snapshot";
import { type Look, look, noMemory } from "../../model/live/readiness/tracker";
import { type Source, notListed } from "../../ops/kubernetes/informer";
import { managementSources, workloadSources } from "../../ops/live/sources";
import { managementStreams, workloadStreams } from "../../ops/wait/streams";
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
  const readings = Object.keys(parts).map((part): [string, Reading] => [part, { at: 0, unread: notListed }]);
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

/** A side as the wait sees it: only the parts that it watches, trimmed as it trims them. */
function watchedOf<Part extends string>(side: Side<Part>, streams: readonly Source<Part>[]): Side<Part> {
  const readings = Object.entries<Reading>(side.parts).map(([part, reading]): [string, Reading] => {
    const sources = streams.filter((stream) => stream.part === part);
    if (sources.length === 0) return [part, { at: reading.at, unread: notListed }];
    const { objects } = reading;
    if (objects === undefined) return [part, reading];
    const trimmed = objects.map((object) => {
      const { trim } = sources.find(({ type }) => type.kind === object.kind) ?? {};
      return trim === undefined ? object : trim(object);
    });
    return [part, { ...reading, objects: trimmed }];
  });
  return { ...side, parts: Object.fromEntries(readings) as Record<Part, Reading> };
}

/** A snapshot as the wait of a plan sees it (`ops/wait/streams.ts`). */
function watched(plan: ReadinessPlan, { management, workload, ...rest }: Snapshot): Snapshot {
  return {
    ...rest,
    management: watchedOf(
      management,
      managementStreams(plan, () => undefined),
    ),
    workload: { ...workload, ...watchedOf(workload, workloadStreams(plan)) },
  };
}

/** Looks at several observations in turn, each as the wait sees it; `at` is in seconds. */
export function looks(
  plan: ReadinessPlan,
  steps: readonly { readonly at: number; readonly see: Snapshot }[],
): readonly Look[] {
  let memory = noMemory;
  return steps.map(({ at, see }) => {
    const found = look(plan, watched(plan, see), memory, at * 1000);
    memory = found.memory;
    return found;
  });
}
