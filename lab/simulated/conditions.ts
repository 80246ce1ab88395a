import { field, list, text } from "../../model/kubernetes/object";

/** A condition to be set; `message` is empty by default. */
export interface Condition {
  readonly type: string;
  readonly status: "True" | "False" | "Unknown";
  readonly reason: string;
  readonly message?: string;
}

/** The Kubernetes form of a moment: seconds, UTC. */
export function timestamp(at: number = Date.now()): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, "Z");
}

/**
 * The whole list with these conditions set: a merge patch replaces lists. Others are kept, and a transition time changes
 * only with the status.
 */
export function withConditions(object: unknown, conditions: readonly Condition[], now: string): unknown[] {
  const have = list(object, "status", "conditions");
  const generation = field(object, "metadata", "generation");
  const set = conditions.map((condition) => {
    const before = have.find((entry) => text(entry, "type") === condition.type);
    const same = text(before, "status") === condition.status;
    return {
      ...condition,
      message: condition.message ?? "",
      lastTransitionTime: (same ? text(before, "lastTransitionTime") : undefined) ?? now,
      ...(typeof generation === "number" ? { observedGeneration: generation } : {}),
    };
  });
  const names = new Set(conditions.map((condition) => condition.type));
  return [...have.filter((entry) => !names.has(text(entry, "type") ?? "")), ...set];
}

/** True when each of the conditions is there already with this status, reason and message. */
export function hasConditions(object: unknown, conditions: readonly Condition[]): boolean {
  const have = list(object, "status", "conditions");
  return conditions.every((condition) =>
    have.some(
      (entry) =>
        text(entry, "type") === condition.type &&
        text(entry, "status") === condition.status &&
        text(entry, "reason") === condition.reason &&
        text(entry, "message") === (condition.message ?? ""),
    ),
  );
}

/** True when the condition of this type has status True. */
export function isTrue(object: unknown, type: string): boolean {
  return list(object, "status", "conditions").some(
    (entry) => text(entry, "type") === type && text(entry, "status") === "True",
  );
}
