import type { LabContext } from "../../lab/context";
import type { Controller } from "../../lab/simulated/controller";
import type { Store } from "../../lab/simulated/store";
import { paces } from "../../lab/context";
import { isMap } from "../../model/kubernetes/object";
import type { KubernetesObject, ResourceType } from "../../model/kubernetes/object";

type Writable = Record<string, unknown>;

/** Objects in memory, with finalizers as an API server treats them; owners are not followed. */
export class FakeStore {
  private readonly objects = new Map<string, KubernetesObject>();
  private uids = 0;

  constructor(...objects: readonly KubernetesObject[]) {
    for (const object of objects) this.put(object);
  }

  /** As controllers take it. */
  get store(): Store {
    return this as unknown as Store;
  }

  list(type: ResourceType, namespace?: string): KubernetesObject[] {
    return [...this.objects.values()].filter(
      ({ kind, metadata }) =>
        kind === type.kind && (namespace === undefined || metadata.namespace === namespace),
    );
  }

  get(type: ResourceType, name: string | undefined): KubernetesObject | undefined {
    return this.list(type).find(({ metadata }) => metadata.name === name);
  }

  async create(type: ResourceType, object: KubernetesObject): Promise<KubernetesObject> {
    return this.get(type, object.metadata.name) ?? this.put(object);
  }

  async patch(type: ResourceType, { metadata }: KubernetesObject, patch: unknown): Promise<KubernetesObject> {
    const before = this.get(type, metadata.name);
    if (before === undefined) throw new Error(`${type.kind} ${metadata.name} is not there`);
    return this.put(merged(before, patch) as KubernetesObject);
  }

  async remove(type: ResourceType, { metadata }: KubernetesObject): Promise<void> {
    const before = this.get(type, metadata.name);
    if (before === undefined) return;
    this.put({ ...before, metadata: { ...before.metadata, deletionTimestamp: "2026-11-30T10:00:00Z" } });
  }

  async setFinalizer(
    type: ResourceType,
    object: KubernetesObject,
    finalizer: string,
    wanted: boolean,
  ): Promise<void> {
    const before = this.get(type, object.metadata.name);
    if (before === undefined) return;
    const others = (before.metadata.finalizers ?? []).filter((each) => each !== finalizer);
    const finalizers = wanted ? [...others, finalizer] : others;
    this.put({ ...before, metadata: { ...before.metadata, finalizers } });
  }

  /** Has the controller look at each of its objects once; the answers of those that are there. */
  async look(controller: Controller): Promise<readonly (number | void)[]> {
    const answers: (number | void)[] = [];
    for (const object of this.list(controller.primary)) answers.push(await controller.reconcile(object));
    return answers;
  }

  private put(object: KubernetesObject): KubernetesObject {
    const uid = object.metadata.uid ?? `uid-${++this.uids}`;
    const kept = { ...object, metadata: { ...object.metadata, uid } };
    const key = `${kept.kind}/${kept.metadata.name}`;
    const isGone =
      kept.metadata.deletionTimestamp !== undefined && (kept.metadata.finalizers ?? []).length === 0;
    if (isGone) this.objects.delete(key);
    else this.objects.set(key, kept);
    return kept;
  }
}

/** A lab of which nothing runs. */
export const stillLab = {
  pace: paces.fast,
  log: { record: () => undefined },
} as unknown as LabContext;

function merged(before: unknown, patch: unknown): unknown {
  if (!isMap(patch)) return patch;
  const out: Writable = { ...(isMap(before) ? before : {}) };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete out[key];
    else out[key] = merged(out[key], value);
  }
  return out;
}
