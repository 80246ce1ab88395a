import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { DiffRequest } from "@pulumi/pulumi/proto/provider_pb";
import type { Empty } from "google-protobuf/google/protobuf/empty_pb";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { asObject, type JsonObject, withoutOutputValues } from "./property-value";

/**
 * The Pulumi SDK brings its own copy of google-protobuf, and its messages refuse objects of any other copy.
 * The classes are therefore taken from messages that the SDK made: these bytes are an empty field 3.
 */
const EMPTY_FIELD_3 = Uint8Array.of(0x1a, 0x00);

interface StructClass {
  fromJavaScript(value: JsonObject): Struct;
}

function classOf<T>(instance: object | undefined, name: string): T {
  if (instance === undefined) {
    throw new Error(`the SDK's protobuf messages hold no ${name} where one was expected`);
  }
  return instance.constructor as unknown as T;
}

const structClass = classOf<StructClass>(DiffRequest.deserializeBinary(EMPTY_FIELD_3).getOlds(), "Struct");
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
