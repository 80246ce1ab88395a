import { isObject, type Json, same } from "../grpc/property-value";
import { canonicalQuantity } from "./quantity";

function isEmpty(value: Json | undefined): boolean {
  if (value === undefined || value === null || value === "" || value === 0 || value === false) return true;
  return Array.isArray(value) ? value.length === 0 : isObject(value) && Object.values(value).every(isEmpty);
}

/**
 * Whether a built-in object's field means the same: Kubernetes' own types leave empty fields out of what they send
 * back and rewrite quantities (`1000m` to `1`), which the real provider evens out by converting the inputs.
 */
export function equivalent(old: Json | undefined, now: Json | undefined): boolean {
  if (same(old, now)) return true;
  if (old === undefined || now === undefined) return isEmpty(old) && isEmpty(now);
  if (Array.isArray(old) && Array.isArray(now)) {
    return old.length === now.length && old.every((item, index) => equivalent(item, now[index]));
  }
  if (isObject(old) && isObject(now)) {
    return [...new Set([...Object.keys(old), ...Object.keys(now)])].every((key) =>
      equivalent(old[key], now[key]),
    );
  }
  const isScalar = (value: Json): value is string | number =>
    typeof value === "string" || typeof value === "number";
  if (!isScalar(old) || !isScalar(now)) return false;
  const left = canonicalQuantity(old);
  return left !== undefined && left === canonicalQuantity(now);
}
