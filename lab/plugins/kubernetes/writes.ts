import { setTimeout as sleep } from "node:timers/promises";
import { containsUnknown, type JsonObject, unwrappedObject } from "../grpc/property-value";
import {
  codes,
  type CreateRequest,
  type EngineLog,
  InitializationError,
  messageOf,
  ProviderError,
  type StateResponse,
  type UpdateRequest,
} from "../grpc/provider";
import { ApiError, ConnectionError } from "./api-client";
import { builtInCheck } from "./built-in-readiness";
import { checkpoint, dryRunResult, fieldManagerOf } from "./checkpoint";
import { takeOverPatch } from "./field-managers";
import { annotation, idOf, kindOf, NoSuchKind } from "./kinds";
import { messages } from "./messages";
import type { Session } from "./session";
import { type Readiness, waitForCheck } from "./wait-for";
import { DEFAULT_TIMEOUT_SECONDS, untilEndpoints, untilReady } from "./waiting";

/** Seconds between tries when the namespace or the kind is missing: 63 in all, then the create fails. */
const RETRY_SECONDS = [1, 2, 4, 8, 16, 32];

/** `METAL_PLUGIN_RETRY_SCALE` shortens the retries where 63 s are too long, as in tests; 1 is what the real one does. */
function retryScale(): number {
  return Number(process.env["METAL_PLUGIN_RETRY_SCALE"] ?? "1");
}

function isMissingPlace(error: unknown): boolean {
  return error instanceof NoSuchKind || (error instanceof ApiError && error.status === 404);
}

function isExisting(error: unknown): boolean {
  return error instanceof ApiError && error.reason === "AlreadyExists";
}

function isForbidden(error: unknown): boolean {
  return error instanceof ApiError && error.status === 403;
}

function causeOf(error: unknown, manager: string): string {
  const isConflict =
    error instanceof ApiError && error.status === 409 && error.message.startsWith("Apply failed");
  return isConflict ? messages.conflict(manager, error.message) : messageOf(error);
}

/** The wait that an object asks for, in seconds: customTimeouts, else its annotation, else ten minutes. */
export function timeoutOf(requested: number | undefined, object: JsonObject): number {
  return requested ?? Number(annotation(object, "pulumi.com/timeoutSeconds") ?? DEFAULT_TIMEOUT_SECONDS);
}

/** Creates and updates of one provider instance. */
export class Writes {
  constructor(
    readonly session: Session,
    readonly log: EngineLog,
  ) {}

  async create(request: CreateRequest): Promise<StateResponse> {
    const object = unwrappedObject(request.properties);
    const preview = request.preview === true;
    const echo = { properties: request.properties };
    const { unreachable } = this.session;
    if (preview && (unreachable !== undefined || containsUnknown(object))) return echo;
    if (unreachable !== undefined) throw new ProviderError(messages.unreachable(unreachable));
    const manager = fieldManagerOf(object, {});
    if (preview) return this.#previewCreate(request, object, manager);
    const live = await this.#createWithRetries(request.urn, object, manager);
    const state = (of: JsonObject): JsonObject => checkpoint(of, request.properties, manager);
    try {
      const ready = await this.#awaited(request.urn, object, live, request.timeout);
      return { id: idOf(ready), properties: state(ready) };
    } catch (error) {
      const message = messages.createdNotLive(request.urn, messageOf(error));
      throw new InitializationError(message, idOf(live), state(await this.#latest(object, live)));
    }
  }

  async #previewCreate(request: CreateRequest, object: JsonObject, manager: string): Promise<StateResponse> {
    try {
      const live = await this.#write(object, manager, true);
      return { properties: checkpoint(dryRunResult(live, false), request.properties, manager) };
    } catch (error) {
      if (isExisting(error) || isForbidden(error)) this.#reportRetry(request.urn, 0, error);
      else if (!isMissingPlace(error) && !(error instanceof ConnectionError)) {
        throw new ProviderError(messages.notCreated(request.urn, causeOf(error, manager)));
      }
      return { properties: request.properties };
    }
  }

  #write(object: JsonObject, manager: string, dryRun: boolean): Promise<JsonObject> {
    const { store, upsert, force } = this.session;
    // A preview always forces, which is why it never shows a conflict.
    const forced = dryRun || force || annotation(object, "pulumi.com/patchForce") === "true";
    return upsert ? store.apply(object, manager, { dryRun, force: forced }) : store.create(object, dryRun);
  }

  async #createWithRetries(urn: string, object: JsonObject, manager: string): Promise<JsonObject> {
    let last: unknown;
    for (const [attempt, seconds] of RETRY_SECONDS.entries()) {
      try {
        return await this.#write(object, manager, false);
      } catch (error) {
        if (!isMissingPlace(error)) throw this.#notCreated(urn, object, manager, error);
        last = error;
        this.#reportRetry(urn, attempt, error);
        await sleep(seconds * 1000 * retryScale(), undefined, { signal: this.session.store.signal }).catch(
          () => undefined,
        );
        if (this.session.store.signal.aborted) throw new ProviderError("context canceled", codes.canceled);
      }
    }
    throw this.#notCreated(urn, object, manager, last);
  }

  #notCreated(urn: string, object: JsonObject, manager: string, error: unknown): ProviderError {
    if (error instanceof NoSuchKind) {
      const { apiVersion, kind } = kindOf(object);
      return new ProviderError(messages.noSuchKind(urn, apiVersion, kind, error.message));
    }
    const hint = isExisting(error) ? messages.existsHint : "";
    return new ProviderError(messages.notCreated(urn, causeOf(error, manager)) + hint);
  }

  #reportRetry(urn: string, attempt: number, error: unknown): void {
    this.log.write("info", `Retry #${attempt}; creation failed: ${messageOf(error)}`, urn, true);
  }

  async update(request: UpdateRequest): Promise<StateResponse> {
    const object = unwrappedObject(request.news);
    const preview = request.preview === true;
    const { unreachable, store } = this.session;
    if (preview && (unreachable !== undefined || containsUnknown(object)))
      return { properties: request.news };
    if (unreachable !== undefined) throw new ProviderError(messages.unreachable(unreachable));
    const olds = unwrappedObject(request.olds);
    const manager = fieldManagerOf(object, olds);
    const initial = typeof olds["__initialApiVersion"] === "string" ? olds["__initialApiVersion"] : undefined;
    const state = (of: JsonObject): JsonObject => checkpoint(of, request.news, manager, initial);
    try {
      if (preview) {
        const live = await store.apply(object, manager, { dryRun: true, force: true });
        return { properties: state(dryRunResult(live, true)) };
      }
      await this.#takeOver(object, manager);
      const force = this.session.force || annotation(object, "pulumi.com/patchForce") === "true";
      const live = await store.apply(object, manager, { dryRun: false, force });
      return { properties: state(await this.#awaited(request.urn, object, live, request.timeout)) };
    } catch (error) {
      if (store.signal.aborted) throw new ProviderError(messages.updateCanceled(request.urn), codes.canceled);
      if (preview && (isForbidden(error) || error instanceof NoSuchKind)) return { properties: request.news };
      const message = messages.notLive(request.id, causeOf(error, manager));
      const live = preview ? undefined : await this.#latest(object, undefined);
      if (live === undefined) throw new ProviderError(message);
      throw new InitializationError(message, request.id, state(live));
    }
  }

  /** Moves client-side ownership to the resource's own manager; a concurrent write is answered by one more look. */
  async #takeOver(object: JsonObject, manager: string): Promise<void> {
    const { store } = this.session;
    const address = await store.addressOf(object);
    for (let attempt = 0; ; attempt++) {
      const live = await store.get(address);
      const patch = live === undefined ? undefined : takeOverPatch(live, manager);
      if (patch === undefined) return;
      try {
        await store.patch(address, patch);
        return;
      } catch (error) {
        if (attempt === 3 || !(error instanceof ApiError && error.status === 409)) throw error;
      }
    }
  }

  /** What exists now; a server that cannot be asked leaves the state that was known. */
  async #latest<T extends JsonObject | undefined>(object: JsonObject, known: T): Promise<JsonObject | T> {
    try {
      const { store } = this.session;
      return (await store.get(await store.addressOf(object))) ?? known;
    } catch {
      // Canceled or gone: the failure being reported already says why.
      return known;
    }
  }

  async #awaited(
    urn: string,
    object: JsonObject,
    live: JsonObject,
    timeout: number | undefined,
  ): Promise<JsonObject> {
    if (annotation(object, "pulumi.com/skipAwait") === "true") return live;
    const waitFor = annotation(object, "pulumi.com/waitFor");
    const seconds = timeoutOf(timeout, object);
    const report = ({ message, severity }: Readiness): void =>
      this.log.write(severity ?? "info", message, urn, true);
    const check = waitFor === undefined ? builtInCheck(live) : waitForCheck(waitFor);
    const { store } = this.session;
    if (check === undefined) {
      await untilEndpoints(store, live, seconds, report);
      return live;
    }
    const ready = await untilReady(store, await store.addressOf(live), check, seconds, report);
    report({ ready: true, message: "" });
    return ready;
  }
}
