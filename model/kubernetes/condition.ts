import { type KubernetesObject, defined, list, number, text } from "./object";

/** A condition of an object's status, as the API conventions define it. */
export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  readonly observedGeneration?: number;
  readonly lastTransitionTime?: string;
}

/** All conditions of an object, those of Cluster API's v1beta2 contract before the deprecated ones. */
export function conditions(object: KubernetesObject | undefined): readonly Condition[] {
  const raw = [
    ...list(object, "status", "conditions"),
    ...list(object, "status", "v1beta2", "conditions"),
    ...list(object, "status", "deprecated", "v1beta1", "conditions"),
  ];
  return raw.map((entry) => {
    const observed = number(entry, "observedGeneration");
    const changed = text(entry, "lastTransitionTime");
    return {
      type: text(entry, "type") ?? "",
      status: text(entry, "status") ?? "",
      reason: text(entry, "reason") ?? "",
      message: text(entry, "message") ?? "",
      ...defined({ observedGeneration: observed, lastTransitionTime: changed }),
    };
  });
}

/** The condition of that type, or undefined. */
export function condition(object: KubernetesObject | undefined, type: string): Condition | undefined {
  return conditions(object).find((entry) => entry.type === type);
}

/** Whether a condition has that status. */
export function conditionIs(
  object: KubernetesObject | undefined,
  type: string,
  status: "True" | "False",
): boolean {
  return condition(object, type)?.status === status;
}

/** Whether a condition speaks of the object's present spec; one without observedGeneration is taken at its word. */
export function isCurrent(object: KubernetesObject, entry: Condition): boolean {
  return (
    entry.observedGeneration === undefined || entry.observedGeneration >= (object.metadata.generation ?? 0)
  );
}

/** Whether the controller has seen the object's present spec (`status.observedGeneration`). */
export function isObserved(object: KubernetesObject): boolean {
  return (number(object, "status", "observedGeneration") ?? -1) >= (object.metadata.generation ?? 0);
}
