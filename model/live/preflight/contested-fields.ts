import { fieldManager } from "../../cilium/ownership";
import { type KubernetesObject, field, list, text } from "../../kubernetes/object";

/** A field that we will set and that another manager owns with another value: an apply without force is refused. */
export interface ContestedField {
  readonly path: string;
  readonly manager: string;
  /** False when the live value was not read (Secrets), so it may be the same. */
  readonly certain: boolean;
}

/**
 * The conflicts that a server-side apply of `planned` would meet on `live`, read from `metadata.managedFields`. Fields
 * of Pulumi, and of client-side kubectl, are taken over by the provider and do not count; nor do `ignored` ones, spelt
 * `spec.online`. Writes of the status subresource never conflict; those of `scale` do (the cluster autoscaler, kubectl scale).
 */
export function contestedFields(
  planned: KubernetesObject,
  live: KubernetesObject,
  ignored: readonly string[] = [],
): readonly ContestedField[] {
  return list(live, "metadata", "managedFields")
    .filter((entry) => text(entry, "subresource") !== "status" && !isTakenOver(entry))
    .flatMap((entry) =>
      ownedFields(entry, planned, live)
        .filter((owned) => owned.live === undefined || !same(owned.planned, owned.live))
        .map(({ path, live: value }) => ({
          path,
          certain: value !== undefined,
          manager: text(entry, "manager") ?? "an unnamed field manager",
        })),
    )
    .filter(({ path }) => !ignored.includes(path));
}

/** A planned field that a field manager owns, with both values. */
export interface OwnedField {
  readonly path: string;
  readonly planned: unknown;
  readonly live: unknown;
}

/** The planned fields that one entry of `metadata.managedFields` owns. */
export function ownedFields(
  entry: unknown,
  planned: KubernetesObject,
  live: KubernetesObject,
): readonly OwnedField[] {
  return owned(field(entry, "fieldsV1"), asStored(planned), live, []);
}

function isTakenOver(entry: unknown): boolean {
  if (text(entry, "subresource") !== undefined) return false;
  const manager = text(entry, "manager") ?? "";
  if (manager.startsWith("pulumi-") || manager === fieldManager) return true;
  return text(entry, "operation") === "Update" && manager.startsWith("kubectl");
}

/** A Secret is sent with `stringData` and stored with `data`. */
function asStored(planned: KubernetesObject): unknown {
  const { stringData, ...rest } = planned;
  return stringData === undefined
    ? planned
    : { ...rest, data: { ...(rest["data"] as object), ...stringData } };
}

function owned(fields: unknown, planned: unknown, live: unknown, path: readonly string[]): OwnedField[] {
  if (typeof fields !== "object" || fields === null) return [];
  return Object.entries(fields).flatMap(([key, inner]: [string, unknown]) => {
    const step = stepInto(key, planned, live);
    if (step === undefined || step.planned === undefined) return [];
    const here = [...path, step.name];
    const below = typeof inner === "object" && inner !== null ? Object.keys(inner) : [];
    if (below.some((name) => name !== ".")) return owned(inner, step.planned, step.live, here);
    return [{ path: here.join("."), planned: step.planned, live: step.live }];
  });
}

/** `f:name` is a field, `k:{...}` an entry of a keyed list; `.` and `v:` say only that something is there. */
function stepInto(
  key: string,
  planned: unknown,
  live: unknown,
): { readonly name: string; readonly planned: unknown; readonly live: unknown } | undefined {
  const name = key.slice(2);
  if (key.startsWith("f:")) return { name, planned: field(planned, name), live: field(live, name) };
  if (!key.startsWith("k:")) return undefined;
  const keys = JSON.parse(name) as Record<string, unknown>;
  const entry = (of: unknown) =>
    (Array.isArray(of) ? (of as unknown[]) : []).find((item) =>
      Object.entries(keys).every(([each, value]) => field(item, each) === value),
    );
  const values = Object.values(keys).map((value) => JSON.stringify(value) ?? "");
  return { name: `[${values.join(",")}]`, planned: entry(planned), live: entry(live) };
}

function same(a: unknown, b: unknown): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  const keys = Object.keys(a);
  return (
    Array.isArray(a) === Array.isArray(b) &&
    keys.length === Object.keys(b).length &&
    keys.every((key) => same(field(a, key), field(b, key)))
  );
}
