import { type Condition, conditions, isCurrent } from "../../kubernetes/condition";
import type { KubernetesObject } from "../../kubernetes/object";
import { plainText } from "../../redaction/shown";
import { withoutSecrets } from "../../redaction/text";

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
export function since(time: string | null | undefined): { readonly since?: number } {
  const at = Date.parse(time ?? "");
  return Number.isNaN(at) ? {} : { since: at };
}

/** The worst of some marks; good when there are none. */
export function worst(marks: readonly Mark[]): Mark {
  const order: readonly Mark[] = ["bad", "busy", "unknown", "good"];
  return order.find((mark) => marks.includes(mark)) ?? "good";
}

/** Conditions of Cluster API that are true only while something is going on, or wrong. */
const negative = ["RollingOut", "ScalingUp", "ScalingDown", "Remediating", "Updating", "Deleting", "Paused"];
/** Sums of others, or about what is not used. */
const silent = ["Ready", "TopologyReconciled"];

/** The conditions of an object that are not as they are on a settled cluster, each with how long it has been so. */
export function restlessConditions(object: KubernetesObject | undefined): readonly Item[] {
  const once = new Map(
    conditions(object)
      .map((entry) => [entry.type, entry])
      .reverse() as [string, Condition][],
  );
  return [...once.values()]
    .toReversed()
    .filter((entry) => !silent.includes(entry.type))
    .filter((entry) => entry.status !== (negative.includes(entry.type) ? "False" : "True"))
    .map((entry) => ({
      kind: "condition",
      name: entry.type,
      mark: markOf(entry),
      text: [`${entry.status}${current(object, entry)}`, wordsOf(entry)]
        .filter((part) => part !== "")
        .join(": "),
      ...since(entry.lastTransitionTime),
    }));
}

function markOf({ type, status }: Condition): Item["mark"] {
  if (status === "Unknown") return "unknown";
  return negative.includes(type) ? "busy" : "bad";
}

function current(object: KubernetesObject | undefined, entry: Condition): string {
  return object === undefined || isCurrent(object, entry) ? "" : " (of an older generation)";
}

/** A condition in words; Cluster API's lists lose their bullets. */
export function wordsOf({ message, reason }: Pick<Condition, "message" | "reason">): string {
  // A secret may be recognised by the line that it is on.
  const safe = withoutSecrets(message);
  const words = plainText(safe.replace(/^[ \t]*\* /gm, "").replace(/\n+/g, "; "));
  return words === "" ? reason : words;
}
