import type { Json, JsonObject } from "../grpc/property-value";
import { type Api, ApiError } from "./api-client";
import {
  type Kinds,
  idOf,
  kindOf,
  nameOf,
  namespaceOf,
  partsOf,
  pathOf,
  type ServedKind,
  type GroupVersionKind,
} from "./kinds";

/** The manager of fields that the provider creates client-side. */
const CREATE_MANAGER = "pulumi-kubernetes";

/** One object's address on the server. */
export interface ObjectAddress {
  readonly kind: ServedKind;
  readonly namespace?: string;
  readonly name: string;
}

/** Reads and writes of single objects, as the provider does them. */
export class ObjectStore {
  constructor(
    readonly api: Api,
    readonly kinds: Kinds,
    readonly signal: AbortSignal,
  ) {}

  /** The address of an object that is written. */
  async addressOf(object: JsonObject): Promise<ObjectAddress> {
    return this.#address(kindOf(object), namespaceOf(object), nameOf(object));
  }

  /** The address of an object by its kind and its Pulumi id. */
  async addressById(kind: GroupVersionKind, id: string): Promise<ObjectAddress> {
    const { namespace, name } = partsOf(id);
    return this.#address(kind, namespace, name);
  }

  async #address(
    wanted: GroupVersionKind,
    namespace: string | undefined,
    name: string,
  ): Promise<ObjectAddress> {
    const kind = await this.kinds.find(wanted);
    return { kind, name, ...(namespace === undefined ? {} : { namespace }) };
  }

  path(address: ObjectAddress): string {
    return pathOf(address.kind, address.namespace, address.name);
  }

  /** The live object; undefined when it does not exist. */
  async get(address: ObjectAddress): Promise<JsonObject | undefined> {
    try {
      return await this.api.request({ method: "GET", path: this.path(address), signal: this.signal });
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw error;
    }
  }

  /** A plain POST: unknown fields are dropped by the server without a word. */
  async create(object: JsonObject, dryRun: boolean): Promise<JsonObject> {
    const { kind, namespace } = await this.addressOf(object);
    return this.api.request({
      method: "POST",
      path: pathOf(kind, namespace),
      query: { fieldManager: CREATE_MANAGER, ...(dryRun ? { dryRun: "All" } : {}) },
      body: object,
      signal: this.signal,
    });
  }

  /** Server-side apply; creates the object when it does not exist. */
  async apply(
    object: JsonObject,
    manager: string,
    options: { dryRun: boolean; force: boolean },
  ): Promise<JsonObject> {
    return this.api.request({
      method: "PATCH",
      path: this.path(await this.addressOf(object)),
      query: {
        fieldManager: manager,
        ...(options.force ? { force: "true" } : {}),
        ...(options.dryRun ? { dryRun: "All" } : {}),
      },
      contentType: "application/apply-patch+yaml",
      body: object,
      signal: this.signal,
    });
  }

  /** A JSON patch. */
  async patch(address: ObjectAddress, operations: Json[]): Promise<JsonObject> {
    return this.api.request({
      method: "PATCH",
      path: this.path(address),
      contentType: "application/json-patch+json",
      body: operations,
      signal: this.signal,
    });
  }

  /** Asks for deletion; false when the object was gone already. */
  async remove(address: ObjectAddress, propagationPolicy: string): Promise<boolean> {
    try {
      await this.api.request({
        method: "DELETE",
        path: this.path(address),
        body: { apiVersion: "v1", kind: "DeleteOptions", propagationPolicy },
        signal: this.signal,
      });
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return false;
      throw error;
    }
  }

  /** The id of an object as the engine stores it. */
  id(object: JsonObject): string {
    return idOf(object);
  }
}
