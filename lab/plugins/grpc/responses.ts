import * as pb from "@pulumi/pulumi/proto/provider_pb";
import type { JsonObject } from "./property-value";
import { toStruct } from "./protobuf";
import type { ConfigureResponse, DiffResponse, ReadResponse, StateResponse } from "./provider";

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
