import { createHash } from "node:crypto";
import {
  asObject,
  asString,
  at,
  isObject,
  isSecret,
  type Json,
  type JsonObject,
  secret,
  unwrapped,
  unwrappedObject,
} from "../grpc/property-value";
import type { CheckRequest } from "../grpc/provider";
import { isBuiltIn } from "./kinds";

/** The annotation on objects whose name the provider made up. */
export const AUTONAMED = "pulumi.com/autonamed";

function suffix(randomSeed: string | undefined): string {
  return createHash("sha256")
    .update(randomSeed ?? String(Math.random()))
    .digest("hex")
    .slice(0, 8);
}

/** A Secret with `stringData` as base64 in `data`; the secret wrapper stays around the whole map. */
export function withEncodedData(inputs: JsonObject): JsonObject {
  if (inputs["kind"] !== "Secret" || inputs["stringData"] === undefined) return inputs;
  const { stringData, data, ...rest } = inputs;
  const encoded = Object.entries(unwrappedObject(stringData)).map(([key, text]): [string, Json] => [
    key,
    Buffer.from(String(text)).toString("base64"),
  ]);
  const merged = { ...unwrappedObject(data), ...Object.fromEntries(encoded) };
  return { ...rest, data: isSecret(stringData) || isSecret(data) ? secret(merged) : merged };
}

/**
 * Inputs with a name: their own, that of the last run if the provider made it up then, else
 * `<logical name>-<8 hex digits>` (or what the engine proposes) with the annotation that says so.
 */
export function withName(
  inputs: JsonObject,
  request: Pick<CheckRequest, "urn" | "olds" | "randomSeed" | "autonaming">,
): JsonObject {
  const metadata = asObject(inputs["metadata"]);
  if (unwrapped(metadata["name"] ?? null) !== null || metadata["generateName"] !== undefined) return inputs;
  const olds = unwrappedObject(request.olds);
  const before =
    at(olds, "metadata", "annotations", AUTONAMED) === "true"
      ? asString(at(olds, "metadata", "name"))
      : undefined;
  if (before === undefined && request.autonaming?.mode === 2) return inputs;
  const proposed = request.autonaming?.proposedName;
  const made =
    proposed !== undefined && proposed !== ""
      ? proposed
      : `${request.urn.split("::").at(-1) ?? ""}-${suffix(request.randomSeed)}`;
  const annotations = { ...asObject(metadata["annotations"]), [AUTONAMED]: "true" };
  return { ...inputs, metadata: { ...metadata, annotations, name: before ?? made } };
}

/** Labels and annotations that are empty maps are left out of objects of Kubernetes' own kinds, as their types do. */
export function withoutEmptyMaps(inputs: JsonObject): JsonObject {
  const metadata = inputs["metadata"];
  if (!isBuiltIn(asString(inputs["apiVersion"]) ?? "") || !isObject(metadata)) return inputs;
  const kept = Object.entries(metadata).filter(
    ([key, value]) =>
      !(["labels", "annotations"].includes(key) && isObject(value) && Object.keys(value).length === 0),
  );
  return { ...inputs, metadata: Object.fromEntries(kept) };
}
