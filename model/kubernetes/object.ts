/** The metadata of a Kubernetes object, as far as this project reads it. */
export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly generation?: number;
  readonly resourceVersion?: string;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  readonly ownerReferences?: readonly OwnerReference[];
}

/** One entry of `metadata.ownerReferences`. */
export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

/** Any Kubernetes object; what is inside `spec` and `status` is the reader's to check. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly [field: string]: unknown;
}

/** What every object of one version of one kind has. */
export type ObjectOf<Version extends string, Kind extends string> = {
  readonly apiVersion: Version;
  readonly kind: Kind;
  readonly metadata: ObjectMeta;
};

/** A label selector; absent parts select everything. */
export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

/** Where objects of one kind live in the API: `/apis/<apiVersion>/[namespaces/<ns>/]<plural>`. */
export interface ResourceType<Kind extends string = string> {
  readonly apiVersion: string;
  readonly kind: Kind;
  readonly plural: string;
  readonly namespaced: boolean;
}

/** The path of a collection, or of one object in it. */
export function resourcePath(type: ResourceType, namespace?: string, name?: string): string {
  const root = type.apiVersion.includes("/") ? `/apis/${type.apiVersion}` : `/api/${type.apiVersion}`;
  const scope = type.namespaced && namespace !== undefined ? `/namespaces/${namespace}` : "";
  return `${root}${scope}/${type.plural}${name === undefined ? "" : `/${encodeURIComponent(name)}`}`;
}

/** Walks into an untyped object: `field(host, "status", "provisioning", "state")`. */
export function field(value: unknown, ...path: readonly (string | number)[]): unknown {
  let here = value;
  for (const key of path) {
    if (typeof here !== "object" || here === null) return undefined;
    here = (here as Record<string | number, unknown>)[key];
  }
  return here;
}

/** Like {@link field}, but only a string counts. */
export function text(value: unknown, ...path: readonly (string | number)[]): string | undefined {
  const found = field(value, ...path);
  return typeof found === "string" ? found : undefined;
}

/** Like {@link field}, but only a number counts. */
export function number(value: unknown, ...path: readonly (string | number)[]): number | undefined {
  const found = field(value, ...path);
  return typeof found === "number" ? found : undefined;
}

/** Like {@link field}, but only a list counts; anything else is an empty list. */
export function list(value: unknown, ...path: readonly (string | number)[]): readonly unknown[] {
  const found = field(value, ...path);
  return Array.isArray(found) ? (found as unknown[]) : [];
}

/** Whether a value is a map of keys to values: no list, no null. */
export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

type Optional<T> = { readonly [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  readonly [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** An object without the properties that are undefined: what is not known is absent. */
export function defined<T extends object>(properties: T): Optional<T> {
  return Object.fromEntries(
    Object.entries(properties).filter(([, value]) => value !== undefined),
  ) as Optional<T>;
}

/**
 * Whether labels satisfy a label selector (`matchLabels` and `matchExpressions`). Cluster API Metal3's hostSelector
 * writes its operators in lower case (`in`, `exists`), Kubernetes in mixed case; both are understood.
 */
export function selects(selector: unknown, labels: Readonly<Record<string, string>> | undefined): boolean {
  const have = labels ?? {};
  const wanted = Object.entries((field(selector, "matchLabels") ?? {}) as Record<string, string>);
  return (
    wanted.every(([key, value]) => have[key] === value) &&
    list(selector, "matchExpressions").every((expression) => holds(expression, have))
  );
}

function holds(expression: unknown, labels: Readonly<Record<string, string>>): boolean {
  const value = labels[text(expression, "key") ?? ""];
  const values = list(expression, "values");
  switch ((text(expression, "operator") ?? "").toLowerCase()) {
    case "in":
    case "=":
    case "==":
      return value !== undefined && values.includes(value);
    case "notin":
    case "!=":
      return value === undefined || !values.includes(value);
    case "exists":
      return value !== undefined;
    case "doesnotexist":
    case "!":
      return value === undefined;
    default:
      // An operator we do not know must not make a host look hopeless.
      return true;
  }
}
