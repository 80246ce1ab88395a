/** How a thing is: as it must be, wrong, on its way, not known, or not asked for. */
export type Mark = "good" | "bad" | "busy" | "unknown" | "idle";

/** One line of the tree. Times are epoch milliseconds. */
export interface Item {
  /** Stable, for programs: `host`, `machine`, `condition`. */
  readonly kind: string;
  readonly name: string;
  readonly mark: Mark;
  readonly text: string;
  /** Since when it has been so, where the objects say it. */
  readonly since?: number;
  /** What a machine waits for. */
  readonly waitsFor?: string;
  /** When it was last seen, where that is not now. */
  readonly seenAt?: number;
  readonly children?: readonly Item[];
}

/** A stack at one moment, as people want to see it. */
export interface StatusTree {
  readonly cluster: string;
  readonly verdict: "ready" | "not ready" | "unknown";
  /** Kubernetes, as the control plane is asked to run it. */
  readonly version?: string;
  readonly nodes: { readonly ready: number; readonly wanted: number };
  readonly at: number;
  readonly items: readonly Item[];
  /** What is missing for the verdict, most telling first. */
  readonly missing: readonly string[];
}

/** The time in a field of an object, as a property to be spread; nothing when there is none. */
export function since(time: string | undefined): { readonly since?: number } {
  const at = Date.parse(time ?? "");
  return Number.isNaN(at) ? {} : { since: at };
}

/** The worst of some marks; good when there are none. */
export function worst(marks: readonly Mark[]): Mark {
  const order: readonly Mark[] = ["bad", "busy", "unknown", "good"];
  return order.find((mark) => marks.includes(mark)) ?? "good";
}
