import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { DiffRequest } from "@pulumi/pulumi/proto/provider_pb";
import type { Empty } from "google-protobuf/google/protobuf/empty_pb";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb";

/** A value as it travels in a protobuf Struct. */
export type Json = null | boolean | number | string | Json[] | JsonObject;

/** An object of {@link Json} values. */
export interface JsonObject {
  [key: string]: Json;
}

/** How the engine spells a value that is not known yet (Pulumi SDK, resource/properties). */
export const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** The key that marks an object as a wrapped value rather than data. */
const signatureKey = "4dabf18193072939515e22adb298388d";

/** The value of {@link signatureKey} for a secret: `{[SIGNATURE_KEY]: SECRET_SIGNATURE, value}`. */
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

/** The signature of an output value, which a provider that accepts outputs may be sent. */
const outputSignature = "d0e6a833031e9bbcd3f4e8bde6ca49a4";

/** Whether a value is an object that is not an array. */
export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The field of a value that is an object, else undefined. */
function field(value: Json | undefined, key: string): Json | undefined {
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

/** The value as an object; an empty one when it is anything else. */
export function asObject(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}

/** The value as a string; undefined when it is anything else. */
export function asString(value: Json | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** Whether a value is a secret wrapper. */
function isSecret(value: Json | undefined): boolean {
  return field(value, signatureKey) === secretSignature;
}

/** A value in the secret wrapper; one that is wrapped already stays as it is. */
export function secret(value: Json): JsonObject {
  return isObject(value) && isSecret(value) ? value : { [signatureKey]: secretSignature, value };
}

/** Whether a secret wrapper occurs anywhere in a value. */
export function containsSecret(value: Json): boolean {
  if (isSecret(value)) return true;
  if (Array.isArray(value)) return value.some(containsSecret);
  return isObject(value) && Object.values(value).some(containsSecret);
}

/** The same value without secret wrappers, at any depth. */
function unwrapped(value: Json): Json {
  if (Array.isArray(value)) return value.map(unwrapped);
  if (!isObject(value)) return value;
  if (isSecret(value)) return unwrapped(value["value"] ?? null);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, unwrapped(inner)]));
}

/** {@link unwrapped} for an object, which stays an object. */
export function unwrappedObject(value: Json | undefined): JsonObject {
  return asObject(unwrapped(value ?? null));
}

/** Output values turned into what older engines send: the sentinel when unknown, a secret wrapper when secret. */
function withoutOutputValues(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutOutputValues);
  if (!isObject(value)) return value;
  if (value[signatureKey] === outputSignature) {
    const inner = Object.hasOwn(value, "value") ? withoutOutputValues(value["value"] ?? null) : unknownValue;
    return value["secret"] === true ? secret(inner) : inner;
  }
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutOutputValues(inner)]));
}

/** Whether two values are the same data; the order of object keys does not matter. */
export function same(left: Json | undefined, right: Json | undefined): boolean {
  if (left === right) return true;
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((item, index) => same(item, right[index]));
  }
  if (!isObject(left) || !isObject(right)) return false;
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && same(left[key], right[key]))
  );
}

/**
 * The Pulumi SDK brings its own copy of google-protobuf, and its messages refuse objects of any other copy.
 * The classes are therefore taken from messages that the SDK made: these bytes are an empty field 3.
 */
const emptyField3 = Uint8Array.of(0x1a, 0x00);

interface StructClass {
  fromJavaScript(value: JsonObject): Struct;
}

function classOf<T>(instance: object | undefined, name: string): T {
  if (instance === undefined) {
    throw new Error(`the SDK's protobuf messages hold no ${name} where one was expected`);
  }
  return instance.constructor as unknown as T;
}

const structClass = classOf<StructClass>(DiffRequest.deserializeBinary(emptyField3).getOlds(), "Struct");
const emptyClass = classOf<new () => Empty>(
  ResourceProviderService.cancel.responseDeserialize(Buffer.alloc(0)),
  "Empty",
);

/** A Struct of plain data; the inverse of {@link fromStruct}. */
export function toStruct(value: JsonObject): Struct {
  return structClass.fromJavaScript(value);
}

/** A Struct as plain data, output values replaced by the sentinel or the secret wrapper; `{}` when absent. */
export function fromStruct(struct: Struct | undefined): JsonObject {
  return struct === undefined ? {} : asObject(withoutOutputValues(struct.toJavaScript() as JsonObject));
}

/** The empty message. */
export function empty(): Empty {
  return new emptyClass();
}
