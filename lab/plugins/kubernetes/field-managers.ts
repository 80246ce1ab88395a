import { asObject, asString, at, isObject, type Json, type JsonObject } from "../grpc/property-value";

/** Managers whose client-side updates the provider takes over: its own creates and what people did with kubectl. */
function takenOver(entry: Json): boolean {
  const manager = asString(at(entry, "manager")) ?? "";
  return (
    at(entry, "operation") === "Update" &&
    (at(entry, "subresource") ?? "") === "" &&
    (manager === "pulumi-kubernetes" ||
      manager === "pulumi-resource-kubernetes" ||
      manager.startsWith("kubectl"))
  );
}

function union(left: JsonObject, right: JsonObject): JsonObject {
  const merged = { ...left };
  for (const [key, value] of Object.entries(right)) {
    const before = merged[key];
    merged[key] = isObject(before) && isObject(value) ? union(before, value) : value;
  }
  return merged;
}

/**
 * A JSON patch that gives the fields of client-side managers to `manager` as an Apply owner, so that the next apply
 * can remove fields too; undefined when there is nothing to take over. It fails when the object changed meanwhile.
 */
export function takeOverPatch(live: JsonObject, manager: string): Json[] | undefined {
  const managed = at(live, "metadata", "managedFields");
  const entries = Array.isArray(managed) ? managed : [];
  const taken = entries.filter(takenOver);
  if (taken.length === 0) return undefined;
  const isOurs = (entry: Json): boolean =>
    at(entry, "manager") === manager &&
    at(entry, "operation") === "Apply" &&
    (at(entry, "subresource") ?? "") === "";
  const sources = [...entries.filter(isOurs), ...taken];
  const first = asObject(sources[0]);
  const owned: JsonObject = {
    ...first,
    manager,
    operation: "Apply",
    fieldsV1: sources.map((entry) => asObject(at(entry, "fieldsV1"))).reduce(union, {}),
  };
  const rest = entries.filter((entry) => !isOurs(entry) && !takenOver(entry));
  return [
    { op: "replace", path: "/metadata/managedFields", value: [owned, ...rest] },
    {
      op: "replace",
      path: "/metadata/resourceVersion",
      value: at(live, "metadata", "resourceVersion") ?? "",
    },
  ];
}
