import { type KubernetesObject, type ResourceType, list, text } from "../../model/kubernetes/object";
import type { Objects, Trouble } from "../../model/live/readiness/observation";
import { type KubernetesApi, ApiError, type Query } from "../kubernetes/api";
import { follow } from "../kubernetes/watch";

/** One stream of objects that feeds one watch; a watch may have several (payloads are watched one by one). */
export interface Stream<Watch extends string> {
  readonly watch: Watch;
  readonly type: ResourceType;
  readonly namespace?: string;
  readonly query?: Query;
  readonly keyOf?: (object: KubernetesObject) => string;
  /** Sees each object before it is slimmed; used for the one Secret whose content is needed. */
  readonly onObject?: (object: KubernetesObject | undefined) => void;
}

interface Slot<Watch> {
  readonly watch: Watch;
  objects?: Map<string, KubernetesObject>;
  trouble?: Trouble;
}

/** The latest state of everything that is followed on one API server. */
export class Store<Watch extends string> {
  private slots: Slot<Watch>[] = [];
  /** Whether the API server has answered at least one list. */
  reached = false;

  constructor(
    private readonly onChange: () => void,
    /** Whether a refusal with that HTTP status means only that there is nothing to see yet. */
    private readonly isNothing: (status: number) => boolean = () => false,
  ) {}

  /** Follows streams until the signal aborts. */
  follow(api: KubernetesApi, streams: readonly Stream<Watch>[], signal: AbortSignal): Promise<unknown> {
    return Promise.all(streams.map((stream) => this.followOne(api, stream, signal)));
  }

  /** Forgets all objects, before another API server is followed. */
  clear(): void {
    this.slots = [];
  }

  /** All objects by watch; a watch is absent until each of its streams was listed. */
  objects(): Partial<Record<Watch, Objects>> {
    const merged: Partial<Record<Watch, Objects>> = {};
    const pending = new Set(
      this.slots.filter((slot) => slot.objects === undefined).map((slot) => slot.watch),
    );
    for (const slot of this.slots) {
      if (pending.has(slot.watch)) continue;
      merged[slot.watch] = new Map([...(merged[slot.watch] ?? []), ...(slot.objects ?? [])]);
    }
    return merged;
  }

  /** Whether every stream was listed once. */
  isListed(): boolean {
    return this.slots.length > 0 && this.slots.every((slot) => slot.objects !== undefined);
  }

  /** The oldest trouble that any stream has at present. */
  trouble(): Trouble | undefined {
    const troubles = this.slots.flatMap((slot) => (slot.trouble === undefined ? [] : [slot.trouble]));
    return troubles.sort((a, b) => a.since - b.since)[0];
  }

  private followOne(api: KubernetesApi, stream: Stream<Watch>, signal: AbortSignal): Promise<void> {
    const slot: Slot<Watch> = { watch: stream.watch };
    this.slots.push(slot);
    const keyOf = stream.keyOf ?? ((object: KubernetesObject) => object.metadata.name);
    const changed = () => {
      if (!signal.aborted) this.onChange();
    };
    return follow(
      api,
      stream.type,
      {
        onList: (items) => {
          this.reached = true;
          delete slot.trouble;
          slot.objects = new Map(items.map((item) => [keyOf(item), slim(item)]));
          if (stream.onObject !== undefined) {
            if (items.length === 0) stream.onObject(undefined);
            items.forEach(stream.onObject);
          }
          changed();
        },
        onChange: (type, object) => {
          if (type === "DELETED") slot.objects?.delete(keyOf(object));
          else slot.objects?.set(keyOf(object), slim(object));
          stream.onObject?.(type === "DELETED" ? undefined : object);
          changed();
        },
        onTrouble: (error) => {
          const status = error instanceof ApiError && error.status < 500 ? error.status : undefined;
          if (status !== undefined && this.isNothing(status)) return;
          slot.trouble = {
            since: slot.trouble?.since ?? Date.now(),
            message: `${stream.type.plural}: ${error.message}`,
            ...(status === undefined ? {} : { status }),
          };
          changed();
        },
      },
      {
        signal,
        ...(stream.namespace === undefined ? {} : { namespace: stream.namespace }),
        ...(stream.query === undefined ? {} : { query: stream.query }),
      },
    );
  }
}

/** Keeps no content of Secrets and ConfigMaps, and drops the bulk that nobody reads. */
function slim(object: KubernetesObject): KubernetesObject {
  const metadata = Object.fromEntries(
    Object.entries(object.metadata).filter(([key]) => key !== "managedFields"),
  ) as unknown as KubernetesObject["metadata"];
  const { apiVersion, kind } = object;
  if (kind === "Secret" || kind === "ConfigMap") return { apiVersion, kind, metadata };
  if (kind === "CustomResourceDefinition") return { apiVersion, kind, metadata, status: object["status"] };
  if (kind === "Pod") {
    const nodeName = text(object, "spec", "nodeName");
    const containers = list(object, "spec", "containers").map((container) => ({
      name: text(container, "name"),
      image: text(container, "image"),
    }));
    return { apiVersion, kind, metadata, spec: { nodeName, containers }, status: object["status"] };
  }
  return { ...object, metadata };
}
