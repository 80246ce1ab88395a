import { type KubernetesObject, field, isMap } from "../../kubernetes/object";
import { quantity } from "./quantity";

/** A planned field that is another one in the cluster. */
export interface Difference {
  /** `spec.template.spec.containers[cilium-agent].image`. */
  readonly path: string;
  readonly planned: unknown;
  /** Undefined when it is not there at all. */
  readonly live: unknown;
}

/** Metadata that is ours to say; the rest is the API server's. */
const ownMetadata = ["labels", "annotations"];

/**
 * Every field of a planned object that the live one does not have as planned. Fields that only the live object has are
 * the API server's defaults or somebody else's and do not count; entries of lists do, where a list has no keys. Of a
 * Secret only the names of its keys are compared. `ignored` names fields, spelt `spec.online`.
 */
export function differences(
  planned: KubernetesObject,
  live: KubernetesObject,
  ignored: readonly string[] = [],
): readonly Difference[] {
  const isSecret = planned.kind === "Secret";
  const wanted = isSecret ? secretKeys(planned) : contentOf(planned);
  const found = isSecret ? secretKeys(live) : live;
  return [
    ...ownMetadata.flatMap((key) =>
      compare(field(planned.metadata, key), field(live.metadata, key), ["metadata", key]),
    ),
    ...compare(wanted, found, []),
  ].filter(({ path }) => !ignored.includes(path));
}

/** What is the kind's own: status is written by others, the rest says which object it is. */
function contentOf(object: KubernetesObject): object {
  const other = new Set(["apiVersion", "kind", "metadata", "status"]);
  return Object.fromEntries(Object.entries(object).filter(([key]) => !other.has(key)));
}

function secretKeys(secret: KubernetesObject): object {
  const keys = Object.keys({
    ...(secret["data"] as object | undefined),
    ...(secret["stringData"] as object | undefined),
  });
  return { data: Object.fromEntries(keys.map((key) => [key, true])) };
}

function compare(planned: unknown, live: unknown, path: readonly string[]): readonly Difference[] {
  // The API server stores no empty values.
  if (planned === undefined || (live === undefined && isEmpty(planned))) return [];
  if (Array.isArray(planned) && Array.isArray(live)) return compareLists(planned, live, path);
  if (isMap(planned) && isMap(live)) {
    return Object.keys(planned).flatMap((key) => compare(planned[key], live[key], [...path, key]));
  }
  if (planned === live || sameQuantity(planned, live, path)) return [];
  return [{ path: spelt(path), planned, live }];
}

/** Lists of named entries (containers, variables, volumes) are compared by name, as the API server merges them. */
function compareLists(
  planned: readonly unknown[],
  live: readonly unknown[],
  path: readonly string[],
): readonly Difference[] {
  const key = keyOf(planned);
  if (key !== undefined) {
    return planned.flatMap((entry) => {
      const name = field(entry, key);
      const found = live.find((other) => field(other, key) === name);
      return compare(entry, found, [...path, `[${String(name)}]`]);
    });
  }
  if (planned.length !== live.length) return [{ path: spelt(path), planned, live }];
  return planned.flatMap((entry, i) => compare(entry, live[i], [...path, `[${i}]`]));
}

/** The field that tells entries apart; a volume is mounted several times, each time at another path. */
function keyOf(entries: readonly unknown[]): string | undefined {
  return ["mountPath", "name"].find((key) => {
    const values = entries.map((entry) => field(entry, key));
    return (
      values.length > 0 &&
      values.every((value) => typeof value === "string") &&
      new Set(values).size === values.length
    );
  });
}

function spelt(path: readonly string[]): string {
  return path.reduce(
    (text, step) => (step.startsWith("[") || text === "" ? text + step : `${text}.${step}`),
    "",
  );
}

function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (isMap(value)) return Object.values(value).every(isEmpty);
  return value === undefined || value === null || value === "" || value === false || value === 0;
}

/** `1000m` is stored as `1`; only these fields hold quantities, everywhere else `1` and `1000m` are different texts. */
function sameQuantity(planned: unknown, live: unknown, path: readonly string[]): boolean {
  const holds =
    ["limits", "requests"].includes(path.at(-2) ?? "") ||
    ["sizeLimit", "divisor"].includes(path.at(-1) ?? "");
  const wanted = holds ? quantity(planned) : undefined;
  return wanted !== undefined && wanted === quantity(live);
}
