import { at, isObject, type Json, type JsonObject } from "../../lab/plugins/grpc/property-value";

/** One owner in `metadata.managedFields`. */
export interface ManagedEntry {
  readonly manager: string;
  readonly operation: "Apply" | "Update";
  readonly apiVersion: string;
  readonly fieldsV1: JsonObject;
}

/** Top-level fields and metadata that nobody owns. */
const UNOWNED = ["apiVersion", "kind", "status"];
const OWNED_METADATA = ["labels", "annotations", "finalizers"];

function leaves(value: Json, path: readonly string[]): string[][] {
  if (!isObject(value)) return [[...path]];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, [...path, key]));
}

/** The paths of an object's values that somebody owns; a list is one value. */
export function leavesOf(object: JsonObject): string[][] {
  return leaves(object, []).filter(
    ([top = "", second = ""]) =>
      !UNOWNED.includes(top) && (top !== "metadata" || OWNED_METADATA.includes(second)),
  );
}

/** Paths as FieldsV1. */
export function fieldsOf(paths: readonly (readonly string[])[]): JsonObject {
  const fields: JsonObject = {};
  for (const path of paths) {
    let level = fields;
    for (const key of path) {
      const next = level[`f:${key}`];
      const inner = isObject(next) ? next : {};
      level[`f:${key}`] = inner;
      level = inner;
    }
  }
  return fields;
}

/** FieldsV1 as paths; everything below a list belongs to the list. */
export function pathsOf(fields: JsonObject, path: readonly string[] = []): string[][] {
  const inner = Object.entries(fields).filter(([key, value]) => key.startsWith("f:") && isObject(value));
  if (inner.length === 0) return path.length === 0 ? [] : [[...path]];
  return inner.flatMap(([key, value]) => pathsOf(value as JsonObject, [...path, key.slice(2)]));
}

/** The value at a path. */
export function valueAt(object: JsonObject | undefined, path: readonly string[]): Json | undefined {
  return at(object, ...path);
}

/** The object without the value at a path. */
export function removed(object: JsonObject, [first = "", ...rest]: readonly string[]): JsonObject {
  const copy = { ...object };
  const inner = copy[first];
  if (rest.length === 0) delete copy[first];
  else if (isObject(inner)) copy[first] = removed(inner, rest);
  return copy;
}
