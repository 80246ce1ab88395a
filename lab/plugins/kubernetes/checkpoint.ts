import { randomBytes } from "node:crypto";
import {
  asObject,
  asString,
  at,
  type Json,
  type JsonObject,
  markedLike,
  secret,
} from "../grpc/property-value";

/** A name under which one resource's fields are owned in server-side apply. */
export function newFieldManager(): string {
  return `pulumi-kubernetes-${randomBytes(4).toString("hex")}`;
}

/** The field manager of a resource: the annotation's, else the one in its state, else a new one. */
export function fieldManagerOf(inputs: JsonObject, state: JsonObject): string {
  return (
    asString(at(inputs, "metadata", "annotations", "pulumi.com/patchFieldManager")) ??
    asString(state["__fieldManager"]) ??
    newFieldManager()
  );
}

/** A Secret's data in the secret wrapper, whoever read it. */
function secretDataHidden(object: JsonObject): JsonObject {
  if (object["kind"] !== "Secret" || object["apiVersion"] !== "v1") return object;
  return Object.fromEntries(
    Object.entries(object).map(([key, value]): [string, Json] => [
      key,
      key === "data" || key === "stringData" ? secret(value) : value,
    ]),
  );
}

/** What is stored of an object: the live object, what was asked for, and who owns its fields; secrets stay wrapped. */
export function checkpoint(
  live: JsonObject,
  inputs: JsonObject,
  fieldManager: string,
  initialApiVersion?: string,
): JsonObject {
  const hidden = secretDataHidden(live);
  const marked = Object.fromEntries(
    Object.entries(hidden).map(([key, value]): [string, Json] => [key, markedLike(value, inputs[key])]),
  );
  return {
    ...marked,
    __inputs: secretDataHidden(inputs),
    __fieldManager: fieldManager,
    __initialApiVersion: initialApiVersion ?? asString(inputs["apiVersion"]) ?? "",
  };
}

/** A dry run's result without what only a real write decides: the status and, for a create, the version. */
export function dryRunResult(live: JsonObject, keepVersion: boolean): JsonObject {
  const metadata = { ...asObject(live["metadata"]) };
  if (!keepVersion) delete metadata["resourceVersion"];
  const result: JsonObject = { ...live, metadata };
  delete result["status"];
  return result;
}
