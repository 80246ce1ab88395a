import { isObject, type Json, same } from "../grpc/property-value";

const SCALES: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
};

/** The number that a quantity such as `500m` or `1Gi` means; undefined for any other text. */
function quantity(value: Json | undefined): number | undefined {
  const match = /^([+-]?[0-9.]+)(n|u|m|k|M|G|T|P|Ki|Mi|Gi|Ti|Pi)?$/.exec(String(value));
  const scale = SCALES[match?.[2] ?? ""];
  return match === null || scale === undefined ? undefined : Number(match[1]) * scale;
}

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
  const [left, right] = [old, now].map((value) =>
    typeof value === "string" || typeof value === "number" ? quantity(value) : undefined,
  );
  return typeof old !== typeof now || (typeof old === "string" && /[a-zA-Z]/.test(`${old}${String(now)}`))
    ? left !== undefined && left === right
    : false;
}
