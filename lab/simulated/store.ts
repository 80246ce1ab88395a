import { follow } from "../../ops/kubernetes/watch";
import { ApiError, type KubernetesApi } from "../../ops/kubernetes/api";
import type { KubernetesObject, ResourceType } from "../../model/kubernetes/object";
import type { KindOf } from "../../model/kubernetes/resources";

/** Called for each change of one kind; `gone` when the object was deleted. */
export type StoreListener = (type: ResourceType, object: KubernetesObject, gone: boolean) => void;

/** The identity of an object inside its kind: `namespace/name`, or `/name` for a cluster-wide kind. */
export function keyOf(object: KubernetesObject): string {
  return `${object.metadata.namespace ?? ""}/${object.metadata.name}`;
}

/**
 * What one API server holds, kept current by watches. Answers to our own writes enter at once, so that the next decision
 * never uses a state from before the last one.
 */
export class Store {
  private readonly kinds = new Map<string, Map<string, KubernetesObject>>();
  private readonly listeners = new Set<StoreListener>();

  constructor(
    readonly api: KubernetesApi,
    private readonly signal: AbortSignal,
    private readonly trouble: (what: string) => void = () => undefined,
  ) {}

  /** Starts following kinds that are not followed yet; resolves when each was listed once. */
  async follow(types: readonly ResourceType[]): Promise<void> {
    await Promise.all(types.filter((type) => !this.kinds.has(type.kind)).map((type) => this.followOne(type)));
  }

  /** Everything of one kind, by name. */
  list<Kind extends string>(type: ResourceType<Kind>, namespace?: string): KindOf<Kind>[] {
    return [...((this.kinds.get(type.kind)?.values() ?? []) as Iterable<KindOf<Kind>>)]
      .filter((object) => namespace === undefined || object.metadata.namespace === namespace)
      .sort((a, b) => a.metadata.name.localeCompare(b.metadata.name));
  }

  /** One object, or undefined. */
  get<Kind extends string>(
    type: ResourceType<Kind>,
    name: string | undefined,
    namespace?: string,
  ): KindOf<Kind> | undefined {
    const found =
      name === undefined ? undefined : this.kinds.get(type.kind)?.get(`${namespace ?? ""}/${name}`);
    return found as KindOf<Kind> | undefined;
  }

  /** Calls the listener on each change; returns how to stop. */
  onChange(listener: StoreListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Merge patch; a patch with `metadata.resourceVersion` fails with 409 when the object changed meanwhile. */
  async patch(
    type: ResourceType,
    object: KubernetesObject,
    patch: unknown,
    subresource?: "status",
  ): Promise<KubernetesObject> {
    const { name, namespace } = object.metadata;
    return this.learn(type, await this.api.mergePatch(type, name, namespace, patch, subresource));
  }

  /** POST; an object of that name which is there already is taken as it is. */
  async create(type: ResourceType, object: KubernetesObject): Promise<KubernetesObject> {
    try {
      return this.learn(type, await this.api.create(type, object));
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 409)) throw error;
      const { name, namespace } = object.metadata;
      const there = await this.api.get(type, name, namespace);
      if (there === undefined) throw error;
      return this.learn(type, there);
    }
  }

  /** Deletes; an object that is gone is fine. */
  async remove(type: ResourceType, object: KubernetesObject): Promise<void> {
    await this.api.delete(type, object.metadata.name, object.metadata.namespace);
  }

  /** Replaces the list of finalizers, unless the object changed meanwhile. */
  async setFinalizer(
    type: ResourceType,
    object: KubernetesObject,
    finalizer: string,
    wanted: boolean,
  ): Promise<void> {
    const have = object.metadata.finalizers ?? [];
    if (have.includes(finalizer) === wanted) return;
    const finalizers = wanted ? [...have, finalizer] : have.filter((entry) => entry !== finalizer);
    const metadata = { finalizers, resourceVersion: object.metadata.resourceVersion };
    await this.patch(type, object, { metadata });
  }

  private followOne(type: ResourceType): Promise<void> {
    const objects = new Map<string, KubernetesObject>();
    this.kinds.set(type.kind, objects);
    return new Promise((resolve) => {
      this.signal.addEventListener("abort", () => resolve());
      void follow(
        this.api,
        type,
        {
          onList: (items) => {
            const there = new Set(items.map(keyOf));
            for (const [key, object] of objects) if (!there.has(key)) this.forget(type, key, object);
            for (const item of items) this.learn(type, item);
            resolve();
          },
          onChange: (change, object) => {
            if (change === "DELETED") this.forget(type, keyOf(object), object);
            else this.learn(type, object);
          },
          onTrouble: (error) => this.trouble(`${type.kind}: ${error.message}`),
        },
        { signal: this.signal },
      );
    });
  }

  private learn(type: ResourceType, object: KubernetesObject): KubernetesObject {
    const objects = this.kinds.get(type.kind);
    if (objects === undefined) return object;
    const key = keyOf(object);
    const { deletionTimestamp, finalizers } = object.metadata;
    // The answer to removing the last finalizer describes an object that is gone.
    if (deletionTimestamp !== undefined && (finalizers ?? []).length === 0 && type.kind !== "Pod") {
      this.forget(type, key, object);
      return object;
    }
    const known = objects.get(key);
    if (known !== undefined && known.metadata.uid === object.metadata.uid) {
      if (version(known) >= version(object)) return object;
    }
    objects.set(key, object);
    this.notify(type, object, false);
    return object;
  }

  private forget(type: ResourceType, key: string, object: KubernetesObject): void {
    if (this.kinds.get(type.kind)?.delete(key) === true) this.notify(type, object, true);
  }

  private notify(type: ResourceType, object: KubernetesObject, gone: boolean): void {
    for (const listener of this.listeners) listener(type, object, gone);
  }
}

/** Resource versions of one etcd are growing numbers, which the API promises since 1.35. */
function version(object: KubernetesObject): number {
  return Number(object.metadata.resourceVersion ?? 0);
}
