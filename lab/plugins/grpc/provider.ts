import type { JsonObject } from "./property-value";

/** What every request about a resource carries. */
interface ResourceRequest {
  readonly urn: string;
  readonly name?: string;
  readonly type?: string;
}

/** How a changed property is shown; a missing kind is ADD, as in protobuf's JSON form. */
export interface PropertyDiff {
  readonly kind?: "ADD_REPLACE" | "DELETE" | "DELETE_REPLACE" | "UPDATE" | "UPDATE_REPLACE";
}

/** CheckConfig and Check: `olds` are the inputs of the last run. */
export interface CheckRequest extends ResourceRequest {
  readonly olds: JsonObject;
  readonly news: JsonObject;
}

/** DiffConfig and Diff: `olds` are outputs, `oldInputs` the inputs of the last run. */
export interface DiffRequest extends ResourceRequest {
  readonly id?: string;
  readonly olds: JsonObject;
  readonly news: JsonObject;
  readonly oldInputs?: JsonObject;
}

/** The answer to DiffConfig and Diff, in protobuf's JSON form. */
export interface DiffResponse {
  readonly changes: "DIFF_NONE" | "DIFF_SOME";
  readonly diffs?: readonly string[];
  readonly replaces?: readonly string[];
  readonly deleteBeforeReplace?: boolean;
  readonly detailedDiff?: Readonly<Record<string, PropertyDiff>>;
  readonly hasDetailedDiff?: boolean;
}

/** Configure: `args` are the provider's inputs; booleans and objects in them are JSON strings. */
export interface ConfigureRequest {
  readonly args: JsonObject;
  readonly variables?: Readonly<Record<string, string>>;
}

/** The capabilities that the provider reports to the engine. */
export interface ConfigureResponse {
  readonly acceptSecrets?: boolean;
  readonly supportsPreview?: boolean;
  readonly acceptResources?: boolean;
  readonly acceptOutputs?: boolean;
}

/** Create; `timeout` in seconds is customTimeouts.create, absent when not set. */
export interface CreateRequest extends ResourceRequest {
  readonly properties: JsonObject;
  readonly timeout?: number;
  readonly preview?: boolean;
}

/** The state of a resource after Create or Update; a preview has no id. */
export interface StateResponse {
  readonly id?: string;
  readonly properties: JsonObject;
}

/** Update; `timeout` in seconds is customTimeouts.update. */
export interface UpdateRequest extends ResourceRequest {
  readonly id: string;
  readonly olds: JsonObject;
  readonly news: JsonObject;
  readonly oldInputs?: JsonObject;
  readonly timeout?: number;
  readonly preview?: boolean;
  readonly ignoreChanges?: readonly string[];
}

/** Read; both objects are empty for a `.get`. */
export interface ReadRequest extends ResourceRequest {
  readonly id: string;
  readonly properties?: JsonObject;
  readonly inputs?: JsonObject;
}

/** The answer to Read; all of it is absent when the object does not exist. */
export interface ReadResponse {
  readonly id?: string;
  readonly properties?: JsonObject;
  readonly inputs?: JsonObject;
}

/** Delete; `timeout` in seconds is customTimeouts.delete. */
export interface DeleteRequest extends ResourceRequest {
  readonly id: string;
  readonly properties: JsonObject;
  readonly oldInputs?: JsonObject;
  readonly timeout?: number;
}

/** A function call; runs in previews too. */
export interface InvokeRequest {
  readonly tok: string;
  readonly args: JsonObject;
  readonly preview?: boolean;
}

/** A provider plugin as plain functions over JSON: what `serve` puts behind gRPC and tests call directly. */
export interface Provider {
  readonly version: string;
  checkConfig(request: CheckRequest): Promise<{ inputs: JsonObject }>;
  diffConfig(request: DiffRequest): Promise<DiffResponse>;
  configure(request: ConfigureRequest): Promise<ConfigureResponse>;
  check(request: CheckRequest): Promise<{ inputs: JsonObject }>;
  diff(request: DiffRequest): Promise<DiffResponse>;
  create(request: CreateRequest): Promise<StateResponse>;
  update(request: UpdateRequest): Promise<StateResponse>;
  read(request: ReadRequest): Promise<ReadResponse>;
  delete(request: DeleteRequest): Promise<void>;
  invoke(request: InvokeRequest): Promise<{ return: JsonObject }>;
  cancel(): Promise<void>;
}

/** Severities of the engine's log, by its protobuf numbers. */
export const severities = { debug: 0, info: 1, warning: 2, error: 3 } as const;

/** Where a provider writes messages for people; `ephemeral` ones only show on the resource's row. */
export interface EngineLog {
  write(severity: keyof typeof severities, message: string, urn: string, ephemeral?: boolean): void;
  /** Resolves once everything written so far has been handed to the engine. */
  flushed(): Promise<void>;
}

/** The gRPC codes that providers answer with. */
export const codes = { canceled: 1, unknown: 2, unimplemented: 12 } as const;

/** A failure that the engine shows as it is. */
export class ProviderError extends Error {
  constructor(
    message: string,
    readonly code: number = codes.unknown,
  ) {
    super(message);
  }
}

/** The refusal of a method that the real plugin does not have either. */
export function unimplemented(message: string): ProviderError {
  return new ProviderError(message, codes.unimplemented);
}

/** Any thrown value as an error text. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
