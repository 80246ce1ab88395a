import { slim } from "../../model/kubernetes/content";
import type { KubernetesObject, ResourceType } from "../../model/kubernetes/object";
import { ApiError, type KubernetesApi, type Query } from "./api";
import { type WatchChange, follow } from "./watch";

/** Where one part of what is known is read; a part may have several sources. */
export interface Source<Part extends string> {
  readonly part: Part;
  readonly type: ResourceType;
  readonly namespace?: string;
  readonly query?: Query;
  /** Which objects of the answer are kept; all by default. */
  readonly keep?: (object: KubernetesObject) => boolean;
  /** What is kept of an object; by default everything but field managers, schemas and Secrets' values. */
  readonly trim?: (object: KubernetesObject) => KubernetesObject;
  /** The object's key in its part; the name by default. */
  readonly keyOf?: (object: KubernetesObject) => string;
  /** Receives what a list or a watch brings, whole, for the one Secret whose content is needed. */
  readonly onObjects?: (objects: readonly KubernetesObject[], change: "LISTED" | WatchChange) => void;
}

/** Why a source is not up to date; `since` in epoch milliseconds. */
interface SourceTrouble {
  readonly since: number;
  readonly error: Error;
}

/** The state of one source. */
export interface Slot<Part extends string> {
  readonly source: Source<Part>;
  /** What was seen last, by key; absent until the first list. */
  objects?: Map<string, KubernetesObject>;
  trouble?: SourceTrouble;
}

/** The objects of an answer that a source keeps, trimmed. */
export function keptBy<Part extends string>(
  { keep, trim = slim }: Source<Part>,
  objects: readonly KubernetesObject[],
): readonly KubernetesObject[] {
  return (keep === undefined ? objects : objects.filter(keep)).map(trim);
}

/** What one API server holds, kept up to date by a list and a watch for each source. */
export class Informer<Part extends string> {
  private current: Slot<Part>[] = [];
  /** Whether the API server has answered at least one list. */
  reached = false;

  constructor(
    private readonly onChange: () => void,
    private readonly now: () => number = Date.now,
    /** Whether a refusal with that HTTP status means only that there is nothing yet. */
    private readonly isNothing: (status: number) => boolean = () => false,
  ) {}

  /** The state of every source that was followed since {@link clear}. */
  get slots(): readonly Slot<Part>[] {
    return this.current;
  }

  /** Follows sources until the signal aborts; one that was followed before keeps its objects until it is listed again. */
  async follow(api: KubernetesApi, sources: readonly Source<Part>[], signal: AbortSignal): Promise<void> {
    await Promise.all(sources.map((source) => this.followOne(api, this.slotOf(source), signal)));
  }

  /** Forgets all objects, before another API server is followed. */
  clear(): void {
    this.current = [];
  }

  /** All objects by part; a part is absent until each of its sources was listed. */
  objects(): Partial<Record<Part, ReadonlyMap<string, KubernetesObject>>> {
    const merged: Partial<Record<Part, ReadonlyMap<string, KubernetesObject>>> = {};
    const pending = new Set(
      this.current.filter(({ objects }) => objects === undefined).map(({ source }) => source.part),
    );
    for (const { source, objects } of this.current) {
      if (!pending.has(source.part))
        merged[source.part] = new Map([...(merged[source.part] ?? []), ...(objects ?? [])]);
    }
    return merged;
  }

  /** Whether every source was listed once. */
  isListed(): boolean {
    return this.current.length > 0 && this.current.every(({ objects }) => objects !== undefined);
  }

  private slotOf(source: Source<Part>): Slot<Part> {
    const known = this.current.find((slot) => slot.source === source);
    if (known !== undefined) return known;
    const slot = { source };
    this.current.push(slot);
    return slot;
  }

  private followOne(api: KubernetesApi, slot: Slot<Part>, signal: AbortSignal): Promise<void> {
    const { source } = slot;
    const { type, namespace, query, onObjects } = source;
    const keyOf = source.keyOf ?? (({ metadata }: KubernetesObject) => metadata.name);
    const answered = () => {
      this.reached = true;
      delete slot.trouble;
      if (!signal.aborted) this.onChange();
    };
    return follow(
      api,
      type,
      {
        onList: (items) => {
          slot.objects = new Map(keptBy(source, items).map((item) => [keyOf(item), item]));
          onObjects?.(items, "LISTED");
          answered();
        },
        onChange: (change, object) => {
          const [kept] = change === "DELETED" ? [] : keptBy(source, [object]);
          if (kept === undefined) slot.objects?.delete(keyOf(object));
          else slot.objects?.set(keyOf(object), kept);
          onObjects?.([object], change);
          answered();
        },
        onTrouble: (error) => {
          if (error instanceof ApiError && error.status < 500 && this.isNothing(error.status)) return;
          slot.trouble = { since: slot.trouble?.since ?? this.now(), error };
          if (!signal.aborted) this.onChange();
        },
      },
      {
        signal,
        ...(namespace === undefined ? {} : { namespace }),
        ...(query === undefined ? {} : { query }),
      },
    );
  }
}
