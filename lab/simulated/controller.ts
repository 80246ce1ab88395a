import { ApiError } from "../../ops/kubernetes/api";
import type { KubernetesObject, ResourceType } from "../../model/kubernetes/object";
import { keyOf, type Store } from "./store";

/** One reconciler: brings each object of its kind one step further, called again whenever anything it reads changes. */
export interface Controller {
  readonly name: string;
  readonly primary: ResourceType;
  /** Kinds whose changes concern every primary object; the lab is small enough for that. */
  readonly also: readonly ResourceType[];
  /** Objects are worked on at the same time; else one after the other. */
  readonly parallel?: boolean;
  /** Returns after how many seconds to look again without a change. */
  reconcile(object: KubernetesObject): Promise<number | void>;
  /** The object is gone. */
  gone?(object: KubernetesObject): Promise<void>;
}

/** What a controller reports besides its changes. */
export type Complain = (controller: string, object: string, error: Error) => void;

/** Runs one controller: a work queue per object, with back-off after an error. */
export class ControllerLoop {
  private readonly waiting = new Set<string>();
  private readonly running = new Set<string>();
  private readonly failures = new Map<string, number>();
  private readonly timers = new Map<string, NodeJS.Timeout>();

  constructor(
    private readonly store: Store,
    private readonly controller: Controller,
    private readonly signal: AbortSignal,
    private readonly complain: Complain,
  ) {
    signal.addEventListener("abort", () => {
      for (const timer of this.timers.values()) clearTimeout(timer);
    });
  }

  /** Follows what the controller needs, and begins. */
  async start(): Promise<void> {
    const { primary, also } = this.controller;
    const concerns = new Set(also.map((type) => type.kind));
    this.store.onChange((type, object, gone) => {
      if (type.kind === primary.kind) {
        if (gone) this.end(object);
        else this.add(keyOf(object));
      }
      if (concerns.has(type.kind)) this.poke();
    });
    await this.store.follow([primary, ...also]);
    this.poke();
  }

  /** Looks at every object again. */
  poke(): void {
    for (const object of this.store.list(this.controller.primary)) this.add(keyOf(object));
  }

  private add(key: string): void {
    this.waiting.add(key);
    setImmediate(() => this.next());
  }

  private next(): void {
    if (this.signal.aborted) return;
    for (const key of this.waiting) {
      if (this.running.has(key)) continue;
      if (this.controller.parallel !== true && this.running.size > 0) return;
      this.waiting.delete(key);
      this.running.add(key);
      void this.work(key).finally(() => {
        this.running.delete(key);
        this.next();
      });
    }
  }

  private async work(key: string): Promise<void> {
    const [namespace = "", name = ""] = key.split("/");
    const object = this.store.get(this.controller.primary, name, namespace);
    if (object === undefined) return;
    try {
      const again = await this.controller.reconcile(object);
      this.failures.delete(key);
      if (typeof again === "number") this.later(key, again);
    } catch (error) {
      const count = this.failures.get(key) ?? 0;
      this.failures.set(key, count + 1);
      // The object changed meanwhile: the watch brings the new state.
      const conflict = error instanceof ApiError && (error.status === 409 || error.status === 404);
      if (!conflict && !this.signal.aborted) this.complain(this.controller.name, key, error as Error);
      this.later(key, Math.min(5, 0.2 * 2 ** count));
    }
  }

  private later(key: string, seconds: number): void {
    clearTimeout(this.timers.get(key));
    this.timers.set(
      key,
      setTimeout(() => this.add(key), Math.max(0.02, seconds) * 1000),
    );
  }

  private end(object: KubernetesObject): void {
    const key = keyOf(object);
    clearTimeout(this.timers.get(key));
    this.failures.delete(key);
    this.controller.gone?.(object).catch((error: Error) => this.complain(this.controller.name, key, error));
  }
}
