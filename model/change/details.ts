import type { FieldChange, ObjectChange } from "./change";

/** The changed lines of a field, as a diff shows them. */
export function fieldLines({ path, also, before, after }: FieldChange): readonly string[] {
  const more = also.length === 0 ? "" : ` and ${also.length} more like it`;
  return [`@@ ${path}${more} @@`, ...before.map((line) => `- ${line}`), ...after.map((line) => `+ ${line}`)];
}

/** `DaemonSet kube-system/cilium`. */
export function objectName({
  kind,
  namespace,
  name,
}: Pick<ObjectChange, "kind" | "namespace" | "name">): string {
  return `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`;
}

/** `2 changed, 1 added`. */
export function howMany(objects: readonly Pick<ObjectChange, "change">[]): string {
  return (["changed", "added", "removed"] as const)
    .map((how) => ({ how, count: objects.filter(({ change }) => change === how).length }))
    .filter(({ count }) => count > 0)
    .map(({ how, count }) => `${count} ${how}`)
    .join(", ");
}
