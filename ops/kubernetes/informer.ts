import { slim } from "../../model/kubernetes/content";
import { type KubernetesObject, type ResourceType, defined } from "../../model/kubernetes/object";
import type { Reading, Unread } from "../../model/live/snapshot";
import { plainText } from "../../model/redaction/shown";
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
  /** Receives what a list or a watch brings, whole, for the one Secret whose content is needed. */
  readonly onObjects?: (objects: readonly KubernetesObject[], change: "LISTED" | WatchChange) => void;
}

/** The state of one source. */
interface Slot<Part extends string> {
  readonly source: Source<Part>;
  /** What was seen last, by `namespace/name`; absent until the first list. */
  objects?: Map<string, KubernetesObject>;
  /** Why it is not up to date; `since` in epoch milliseconds. */
  trouble?: { readonly since: number; readonly unread: Unread };
}

/** A part before its first list. */
export const notListed: Unread = { why: "not listed yet", status: 404 };

/** Why a read failed, as text that may be shown. */
export function unreadOf(error: Error): Unread {
  const why = plainText(error.message);
  return error instanceof ApiError ? { why, status: error.status } : { why };
}

function keyOf({ metadata }: KubernetesObject): string {
  return `${metadata.namespace ?? ""}/${metadata.name}`;
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

  /** What is known of each part; its objects are not known until each of its sources was listed. */
  readings(parts: readonly Part[]): Readonly<Record<Part, Reading>> {
    return Object.fromEntries(parts.map((part) => [part, this.reading(part)])) as Record<Part, Reading>;
  }

  private reading(part: Part): Reading {
    const slots = this.current.filter(({ source }) => source.part === part);
    const isListed = slots.length > 0 && slots.every(({ objects }) => objects !== undefined);
    const trouble = slots.find((slot) => slot.trouble !== undefined)?.trouble;
    return defined({
      at: trouble?.since ?? this.now(),
      objects: isListed ? slots.flatMap(({ objects }) => [...(objects?.values() ?? [])]) : undefined,
      unread: trouble?.unread ?? (isListed ? undefined : notListed),
    });
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
          slot.trouble = { since: slot.trouble?.since ?? this.now(), unread: unreadOf(error) };
          if (!signal.aborted) this.onChange();
        },
      },
      {
        signal,
        ...defined({ namespace, query }),
      },
    );
  }
}
