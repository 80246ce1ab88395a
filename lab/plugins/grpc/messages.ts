import * as pb from "@pulumi/pulumi/proto/provider_pb";
import { fromStruct, type JsonObject, toStruct } from "./property-value";
import type {
  CheckRequest,
  ConfigureRequest,
  ConfigureResponse,
  CreateRequest,
  DeleteRequest,
  DiffRequest,
  DiffResponse,
  InvokeRequest,
  ReadRequest,
  ReadResponse,
  StateResponse,
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

const changes = { DIFF_NONE: 1, DIFF_SOME: 2 } as const;
const kinds = { ADD: 0, ADD_REPLACE: 1, DELETE: 2, DELETE_REPLACE: 3, UPDATE: 4, UPDATE_REPLACE: 5 } as const;

/** The protobuf answer to Check and CheckConfig. */
export function checkResponse(response: { inputs: JsonObject }): pb.CheckResponse {
  const message = new pb.CheckResponse();
  message.setInputs(toStruct(response.inputs));
  return message;
}

/** The protobuf answer to Diff and DiffConfig. */
export function diffResponse(response: DiffResponse): pb.DiffResponse {
  const message = new pb.DiffResponse();
  message.setChanges(changes[response.changes]);
  message.setDiffsList([...(response.diffs ?? [])]);
  message.setReplacesList([...(response.replaces ?? [])]);
  message.setDeletebeforereplace(response.deleteBeforeReplace ?? false);
  message.setHasdetaileddiff(response.hasDetailedDiff ?? false);
  for (const [path, { kind }] of Object.entries(response.detailedDiff ?? {})) {
    const property = new pb.PropertyDiff();
    property.setKind(kinds[kind ?? "ADD"]);
    message.getDetaileddiffMap().set(path, property);
  }
  return message;
}

/** The protobuf answer to Configure. */
export function configureResponse(response: ConfigureResponse): pb.ConfigureResponse {
  const message = new pb.ConfigureResponse();
  message.setAcceptsecrets(response.acceptSecrets ?? false);
  message.setSupportspreview(response.supportsPreview ?? false);
  message.setAcceptresources(response.acceptResources ?? false);
  message.setAcceptoutputs(response.acceptOutputs ?? false);
  return message;
}

/** The protobuf answer to Create. */
export function createResponse(response: StateResponse): pb.CreateResponse {
  const message = new pb.CreateResponse();
  message.setId(response.id ?? "");
  message.setProperties(toStruct(response.properties));
  return message;
}

/** The protobuf answer to Update. */
export function updateResponse(response: StateResponse): pb.UpdateResponse {
  const message = new pb.UpdateResponse();
  message.setProperties(toStruct(response.properties));
  return message;
}

/** The protobuf answer to Read; an object that does not exist is the empty message. */
export function readResponse(response: ReadResponse): pb.ReadResponse {
  const message = new pb.ReadResponse();
  if (response.id === undefined) return message;
  message.setId(response.id);
  message.setProperties(toStruct(response.properties ?? {}));
  message.setInputs(toStruct(response.inputs ?? {}));
  return message;
}

/** The protobuf answer to Invoke. */
export function invokeResponse(response: { return: JsonObject }): pb.InvokeResponse {
  const message = new pb.InvokeResponse();
  message.setReturn(toStruct(response.return));
  return message;
}
