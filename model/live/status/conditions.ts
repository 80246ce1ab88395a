import type { KubernetesObject } from "../../kubernetes/object";
import { type Condition, conditions, isCurrent } from "../../kubernetes/condition";
import { plainText } from "../../redaction/shown";
import { withoutSecrets } from "../../redaction/text";
import { type Item, since } from "./item";

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
  // What is a secret may depend on where its lines begin.
  const safe = withoutSecrets(message);
  const words = plainText(safe.replace(/^[ \t]*\* /gm, "").replace(/\n+/g, "; "));
  return words === "" ? reason : words;
}
