import { type KubernetesObject, field, isMap } from "../kubernetes/object";

/** A planned object, and the object that a cluster has under its name. */
export interface PlannedAndLive {
  readonly planned: KubernetesObject;
  readonly live?: KubernetesObject;
}

/** A planned field that is another one in the cluster. */
export interface Difference {
  /** `spec.template.spec.containers[cilium-agent].image`. */
  readonly path: string;
  readonly planned: unknown;
  /** Undefined when it is not there at all. */
  readonly live: unknown;
}

/** Metadata that a plan may set; the rest is the API server's. */
const ownMetadata = ["labels", "annotations"];

/**
 * Every field of a planned object that the live one does not have as planned. Fields that only the live object has are
 * the API server's defaults or belong to other field managers and do not count; entries of lists do, where a list has no keys. Of a
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

/** What is the kind's own: controllers write the status, the rest identifies the object. */
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

/** The field that identifies entries; a volume is mounted several times, each time at another path. */
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

const binary = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
const decimal = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];

/** The number that a Kubernetes quantity (`250m`, `1Gi`, `2`) stands for; undefined when it is none. */
function quantity(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  const match = typeof value === "string" ? /^(\d+(?:\.\d+)?)([A-Za-z]*)$/.exec(value) : null;
  if (match === null) return undefined;
  const [, digits = "", unit = ""] = match;
  const power = binary.indexOf(unit);
  if (power >= 0) return Number(digits) * 1024 ** (power + 1);
  const scale = decimal.indexOf(unit);
  return scale < 0 ? undefined : Number(`${digits}e${(scale - decimal.indexOf("")) * 3}`);
}

/**
 * Paths at which two plain values differ in either direction, `joinConfiguration.nodeRegistration`; a list is one value.
 * Entries of a list with names are compared whatever their order: server-side apply keeps its own.
 */
export function changedPaths(
  before: unknown,
  after: unknown,
  path: readonly string[] = [],
): readonly string[] {
  if (isMap(before) && isMap(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return keys.flatMap((key) => changedPaths(before[key], after[key], [...path, key]));
  }
  return canonical(before) === canonical(after) ? [] : [path.join(".")];
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (Array.isArray(inner)) return sortedByName(inner);
    return isMap(inner) ? Object.fromEntries(Object.entries(inner).sort(byKey)) : inner;
  });
}

function byKey([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1;
}

function sortedByName(entries: readonly unknown[]): readonly unknown[] {
  const names = entries.map((entry) => field(entry, "name"));
  if (!names.every((name) => typeof name === "string")) return entries;
  return [...entries].sort((a, b) => byKey([String(field(a, "name")), a], [String(field(b, "name")), b]));
}
