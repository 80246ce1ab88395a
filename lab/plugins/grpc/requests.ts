import type * as pb from "@pulumi/pulumi/proto/provider_pb";
import { fromStruct } from "./protobuf";
import type {
  CheckRequest,
  ConfigureRequest,
  CreateRequest,
  DeleteRequest,
  DiffRequest,
  InvokeRequest,
  ReadRequest,
  UpdateRequest,
} from "./provider";

interface Timed {
  getTimeout(): number;
}

/** Proto3 sends no zero: a timeout of 0 seconds is a timeout that was not set. */
function timeoutOf(request: Timed): { timeout?: number } {
  return request.getTimeout() > 0 ? { timeout: request.getTimeout() } : {};
}

/** A Check or CheckConfig request as plain data. */
export function checkRequest(request: pb.CheckRequest): CheckRequest {
  return {
    urn: request.getUrn(),
    olds: fromStruct(request.getOlds()),
    news: fromStruct(request.getNews()),
  };
}

/** A Diff or DiffConfig request as plain data. */
export function diffRequest(request: pb.DiffRequest): DiffRequest {
  const oldInputs = request.getOldInputs();
  return {
    id: request.getId(),
    urn: request.getUrn(),
    olds: fromStruct(request.getOlds()),
    news: fromStruct(request.getNews()),
    ...(oldInputs === undefined ? {} : { oldInputs: fromStruct(oldInputs) }),
  };
}

/** A Configure request as plain data. */
export function configureRequest(request: pb.ConfigureRequest): ConfigureRequest {
  return {
    args: fromStruct(request.getArgs()),
    variables: Object.fromEntries(request.getVariablesMap().toArray()),
  };
}

/** A Create request as plain data. */
export function createRequest(request: pb.CreateRequest): CreateRequest {
  return {
    urn: request.getUrn(),
    name: request.getName(),
    properties: fromStruct(request.getProperties()),
    preview: request.getPreview(),
    ...timeoutOf(request),
  };
}

/** An Update request as plain data. */
export function updateRequest(request: pb.UpdateRequest): UpdateRequest {
  return {
    id: request.getId(),
    urn: request.getUrn(),
    name: request.getName(),
    olds: fromStruct(request.getOlds()),
    news: fromStruct(request.getNews()),
    oldInputs: fromStruct(request.getOldInputs()),
    preview: request.getPreview(),
    ignoreChanges: request.getIgnorechangesList(),
    ...timeoutOf(request),
  };
}

/** A Read request as plain data. */
export function readRequest(request: pb.ReadRequest): ReadRequest {
  return {
    id: request.getId(),
    urn: request.getUrn(),
    properties: fromStruct(request.getProperties()),
    inputs: fromStruct(request.getInputs()),
  };
}

/** A Delete request as plain data. */
export function deleteRequest(request: pb.DeleteRequest): DeleteRequest {
  return {
    id: request.getId(),
    urn: request.getUrn(),
    properties: fromStruct(request.getProperties()),
    oldInputs: fromStruct(request.getOldInputs()),
    ...timeoutOf(request),
  };
}

/** An Invoke request as plain data. */
export function invokeRequest(request: pb.InvokeRequest): InvokeRequest {
  return { tok: request.getTok(), args: fromStruct(request.getArgs()), preview: request.getPreview() };
}
