import { type KubernetesObject, field, list, text } from "../kubernetes/object";

/** Field manager of everything that this program owns inside a workload cluster: one name, so that a second writer shows. */
export const fieldManager = "metal";

/** Where the provider reads under which name it applies an object. */
export const fieldManagerAnnotation = "pulumi.com/patchFieldManager";

/**
 * The managed fields of an object after `owner` has taken over what others have written of its content; undefined when
 * no other manager did. Without this a field that leaves the render would stay, because its first writer still owns it.
 * Controllers keep their status and their annotations.
 */
export function takenOver(live: KubernetesObject, owner: string): readonly unknown[] | undefined {
  const entries = list(live, "metadata", "managedFields");
  const ours = entries.filter((entry) => isOf(entry, owner));
  const foreign = entries.filter((entry) => !isOf(entry, owner) && writesContent(entry));
  if (foreign.length === 0) return undefined;
  const sources = [...ours, ...foreign];
  const merged = {
    ...(sources[0] as object),
    manager: owner,
    operation: "Apply",
    fieldsV1: sources.map((entry) => fieldsOf(entry)).reduce(union, {}),
  };
  return [merged, ...entries.filter((entry) => !sources.includes(entry))];
}

/** Who else writes the content of an object. */
export function otherWriters(live: KubernetesObject, owner: string): readonly string[] {
  return list(live, "metadata", "managedFields")
    .filter((entry) => text(entry, "manager") !== owner && writesContent(entry))
    .map((entry) => text(entry, "manager") ?? "");
}

function isOf(entry: unknown, owner: string): boolean {
  return (
    text(entry, "manager") === owner &&
    text(entry, "operation") === "Apply" &&
    (text(entry, "subresource") ?? "") === ""
  );
}

/** Content is everything but status and annotations: those belong to whichever controller has put them there. */
function writesContent(entry: unknown): boolean {
  if ((text(entry, "subresource") ?? "") !== "") return false;
  const fields = fieldsOf(entry);
  const content = Object.keys(fields).filter((key) => key !== "f:metadata" && key !== "f:status");
  return content.length > 0 || field(fields, "f:metadata", "f:labels") !== undefined;
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(entry: unknown): Fields {
  return (field(entry, "fieldsV1") ?? {}) as Fields;
}

function union(left: Fields, right: Fields): Fields {
  const merged: Record<string, unknown> = { ...left };
  for (const [key, value] of Object.entries(right)) {
    const before = merged[key];
    merged[key] = isFields(before) && isFields(value) ? union(before, value) : value;
  }
  return merged;
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
