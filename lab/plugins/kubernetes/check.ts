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
import { canonicalQuantity } from "./quantity";

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

/** Fields whose values, or the values of whose entries, are quantities in every built-in kind that has them. */
const QUANTITY_MAPS = ["limits", "requests"];
const QUANTITIES = ["sizeLimit", "divisor"];

function withCanonicalQuantities(value: Json): Json {
  if (Array.isArray(value)) return value.map(withCanonicalQuantities);
  if (!isObject(value)) return value;
  const canonical = (amount: Json): Json =>
    typeof amount === "string" || typeof amount === "number" ? (canonicalQuantity(amount) ?? amount) : amount;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]): [string, Json] => {
      if (QUANTITIES.includes(key)) return [key, canonical(inner)];
      if (!QUANTITY_MAPS.includes(key) || !isObject(inner)) return [key, withCanonicalQuantities(inner)];
      return [
        key,
        Object.fromEntries(Object.entries(inner).map(([name, amount]) => [name, canonical(amount)])),
      ];
    }),
  );
}

function withoutEmptyMaps(metadata: JsonObject): JsonObject {
  const isEmptyMap = (key: string, value: Json): boolean =>
    ["labels", "annotations"].includes(key) && isObject(value) && Object.keys(value).length === 0;
  return Object.fromEntries(Object.entries(metadata).filter(([key, value]) => !isEmptyMap(key, value)));
}

/**
 * Objects of Kubernetes' own kinds pass through its types, which leave out empty labels and annotations and write
 * quantities their own way. Without the latter an apply over an object that exists would conflict with itself.
 */
export function asKubernetesWritesIt(inputs: JsonObject): JsonObject {
  const { metadata, spec } = inputs;
  if (!isBuiltIn(asString(inputs["apiVersion"]) ?? "")) return inputs;
  return {
    ...inputs,
    ...(isObject(metadata) ? { metadata: withoutEmptyMaps(metadata) } : {}),
    ...(spec === undefined ? {} : { spec: withCanonicalQuantities(spec) }),
  };
}
