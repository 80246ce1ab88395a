import { createHash } from "node:crypto";
import { type KubernetesObject, field } from "../../model/kubernetes/object";
import type { ManagementPart, Side } from "../../model/live/snapshot";

/** The hash that Cluster API notes in a binding: SHA-256 over the values of a payload in the order of their keys. */
function payloadHash(payload: KubernetesObject): string {
  const data = (field(payload, "data") ?? {}) as Readonly<Record<string, string>>;
  const hash = createHash("sha256");
  for (const key of Object.keys(data).sort()) hash.update(data[key] ?? "");
  return `sha256:${hash.digest("hex")}`;
}

/** The hashes of all payloads that were read, by name. */
export function payloadHashes({ parts }: Side<ManagementPart>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    (parts.payloads.objects ?? []).map((payload) => [payload.metadata.name, payloadHash(payload)]),
  );
}
