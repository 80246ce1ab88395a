import { type KubernetesObject, field } from "./object";

/** kubectl keeps the whole object, a Secret's values included, in this annotation. */
const lastApplied = "kubectl.kubernetes.io/last-applied-configuration";

/** A Secret with the names of its keys and without their values; every other object as it is. */
export function withoutContent(object: KubernetesObject): KubernetesObject {
  if (object.kind !== "Secret") return object;
  const { apiVersion, kind, metadata } = object;
  const annotations = Object.fromEntries(
    Object.entries(metadata.annotations ?? {}).filter(([name]) => name !== lastApplied),
  );
  const keys = Object.keys((field(object, "data") as object | undefined) ?? {});
  return {
    apiVersion,
    kind,
    metadata: metadata.annotations === undefined ? metadata : { ...metadata, annotations },
    ...(keys.length === 0 ? {} : { data: Object.fromEntries(keys.map((key) => [key, ""])) }),
  };
}

/** What a cache keeps of an object: no field managers, no schema of a CustomResourceDefinition, no Secret's values. */
export function slim(object: KubernetesObject): KubernetesObject {
  const metadata = Object.fromEntries(
    Object.entries(object.metadata).filter(([key]) => key !== "managedFields"),
  ) as unknown as KubernetesObject["metadata"];
  const { apiVersion, kind } = object;
  if (kind === "CustomResourceDefinition") return { apiVersion, kind, metadata, status: object["status"] };
  return withoutContent({ ...object, metadata });
}

/**
 * Eight characters that change whenever the content does (FNV-1a, 64 bit, over JSON with sorted keys). Names
 * templates: Cluster API rolls machines when a template's name changes, and only then.
 */
export function contentHash(content: unknown): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(JSON.stringify(sorted(content)))) {
    hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn;
  }
  return hash.toString(16).padStart(16, "0").slice(-8);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}
