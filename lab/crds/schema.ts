import { defined } from "../../model/kubernetes/object";
/** One node of a structural schema, as a CustomResourceDefinition holds it. */
export interface Schema {
  readonly type: "object" | "array" | "string" | "integer" | "boolean";
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: Schema;
  readonly enum?: readonly string[];
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly minItems?: number;
  readonly default?: unknown;
  readonly [extension: `x-kubernetes-${string}`]: unknown;
}

/** Fields of an object; a name that ends in `!` is required. */
export type Fields = Readonly<Record<string, Schema>>;

/** Any string. */
export const string: Schema = { type: "string" };
/** A string that is not empty. */
export const filled: Schema = { type: "string", minLength: 1 };
export const boolean: Schema = { type: "boolean" };
export const dateTime: Schema = { type: "string", format: "date-time" };

/** One of a closed set of words. */
export const oneOf = (...values: readonly string[]): Schema => ({ type: "string", enum: values });

/** A whole number within bounds; most are int32. */
export const integer = (minimum?: number, maximum?: number, format = "int32"): Schema => ({
  type: "integer",
  format,
  ...defined({ minimum, maximum }),
});

/** The same schema with a default. */
export const withDefault = (schema: Schema, value: unknown): Schema => ({ ...schema, default: value });

/** An object with exactly these fields. */
export function object(fields: Fields): Schema {
  const entries = Object.entries(fields).map(([name, schema]) => ({
    name: name.replace(/!$/, ""),
    required: name.endsWith("!"),
    schema,
  }));
  const required = entries.filter((entry) => entry.required).map((entry) => entry.name);
  return {
    type: "object",
    properties: Object.fromEntries(entries.map(({ name, schema }) => [name, schema])),
    ...(required.length === 0 ? {} : { required }),
  };
}

/** A string-keyed map. */
export const mapOf = (value: Schema): Schema => ({ type: "object", additionalProperties: value });
/** A list whose entries have no identity. */
export const listOf = (items: Schema): Schema => ({ type: "array", items });
/** A list of distinct values. */
export const setOf = (items: Schema): Schema => ({ type: "array", items, "x-kubernetes-list-type": "set" });
/** A list in which `key` names an entry, so that server-side apply merges entry by entry. */
export const listBy = (key: string, items: Schema): Schema => ({
  type: "array",
  items,
  "x-kubernetes-list-type": "map",
  "x-kubernetes-list-map-keys": [key],
});
/** A reference that is replaced as a whole. */
export const atomic = (fields: Fields): Schema => ({ ...object(fields), "x-kubernetes-map-type": "atomic" });

/** Kubernetes' standard conditions, keyed by type. */
export const conditions: Schema = listBy(
  "type",
  object({
    "type!": filled,
    "status!": oneOf("True", "False", "Unknown"),
    "reason!": filled,
    "message!": string,
    "lastTransitionTime!": dateTime,
    observedGeneration: integer(0, undefined, "int64"),
  }),
);

/** A kind to be served by the management cluster. */
export interface Kind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly shortName: string;
  /** An older version that is served as well; it is deprecated, and nothing of ours requests it. */
  readonly older?: string;
  /** Versions by contract: the labels `cluster.x-k8s.io/<contract>: <version>` by which Cluster API finds them. */
  readonly contracts: Readonly<Record<string, string>>;
  /** Who installs the definition. */
  readonly provider: string;
  readonly spec: Schema;
  readonly status?: Schema;
  /** Whether status is a subresource; with a status schema it is by default. */
  readonly statusSubresource?: boolean;
}

/** The CustomResourceDefinition of a kind; nothing preserves unknown fields, so Strict validation refuses them. */
export function definitionOf(kind: Kind): Record<string, unknown> {
  const properties = {
    apiVersion: string,
    kind: string,
    metadata: { type: "object" },
    spec: kind.spec,
    ...(kind.status === undefined ? {} : { status: kind.status }),
  };
  const status = kind.status !== undefined && kind.statusSubresource !== false;
  const version = (name: string, storage: boolean) => ({
    name,
    served: true,
    storage,
    schema: { openAPIV3Schema: { type: "object", properties } },
    ...(status ? { subresources: { status: {} } } : {}),
  });
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: {
      name: `${kind.plural}.${kind.group}`,
      labels: {
        ...Object.fromEntries(
          Object.entries(kind.contracts).map(([contract, version]) => [
            `cluster.x-k8s.io/${contract}`,
            version,
          ]),
        ),
        "cluster.x-k8s.io/provider": kind.provider,
      },
    },
    spec: {
      group: kind.group,
      scope: "Namespaced",
      names: {
        kind: kind.kind,
        listKind: `${kind.kind}List`,
        plural: kind.plural,
        singular: kind.kind.toLowerCase(),
        shortNames: [kind.shortName],
        categories: ["cluster-api"],
      },
      // Upstream converts the older version by webhook, between two schemas; here both are the newer one.
      versions: [
        ...(kind.older === undefined ? [] : [{ ...version(kind.older, false), deprecated: true }]),
        version(kind.version, true),
      ],
    },
  };
}
