import { isObject, type Json, type JsonObject, same } from "../grpc/property-value";
import type { DiffResponse, PropertyDiff } from "../grpc/provider";

/** Inputs whose appearance, change or removal as a whole replaces the resource. */
const REPLACING = ["triggers"];

/** Changed paths below one property: objects by `.key`, lists by `[index]`, the topmost changed place only. */
function walk(
  path: string,
  old: Json | undefined,
  now: Json | undefined,
  found: Record<string, PropertyDiff>,
): void {
  if (same(old, now)) return;
  if (Array.isArray(old) && Array.isArray(now)) {
    for (let index = 0; index < Math.max(old.length, now.length); index++) {
      walk(`${path}[${index}]`, old[index], now[index], found);
    }
  } else if (isObject(old) && isObject(now)) {
    for (const key of new Set([...Object.keys(old), ...Object.keys(now)])) {
      walk(`${path}.${key}`, old[key], now[key], found);
    }
  } else {
    const kind = old === undefined ? undefined : now === undefined ? "DELETE" : "UPDATE";
    found[path] = kind === undefined ? {} : { kind };
  }
}

function replacing(diff: PropertyDiff): PropertyDiff {
  return {
    kind:
      diff.kind === undefined ? "ADD_REPLACE" : diff.kind === "DELETE" ? "DELETE_REPLACE" : "UPDATE_REPLACE",
  };
}

/** The answer to Diff: old inputs against new inputs, both without secret wrappers. */
export function diffInputs(oldInputs: JsonObject, news: JsonObject): DiffResponse {
  const detailedDiff: Record<string, PropertyDiff> = {};
  const diffs: string[] = [];
  for (const key of new Set([...Object.keys(oldInputs), ...Object.keys(news)])) {
    if (same(oldInputs[key], news[key])) continue;
    diffs.push(key);
    walk(key, oldInputs[key], news[key], detailedDiff);
  }
  const replaces = REPLACING.filter((key) => Object.hasOwn(detailedDiff, key));
  for (const key of replaces) detailedDiff[key] = replacing(detailedDiff[key] ?? {});
  if (diffs.length === 0) return { changes: "DIFF_NONE", hasDetailedDiff: true };
  return {
    ...(replaces.length > 0 ? { replaces } : {}),
    changes: "DIFF_SOME",
    diffs,
    detailedDiff,
    hasDetailedDiff: true,
  };
}
