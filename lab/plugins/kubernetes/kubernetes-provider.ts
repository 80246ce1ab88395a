import { asObject, asString, at, type JsonObject, markedLike, unwrappedObject } from "../grpc/property-value";
import {
  type CheckRequest,
  type ConfigureRequest,
  type ConfigureResponse,
  type CreateRequest,
  type DeleteRequest,
  type DiffRequest,
  type DiffResponse,
  type EngineLog,
  type Provider,
  ProviderError,
  type ReadRequest,
  type ReadResponse,
  type StateResponse,
  unimplemented,
  type UpdateRequest,
} from "../grpc/provider";
import { asKubernetesWritesIt, withEncodedData, withName } from "./check";
import { checkpoint, fieldManagerOf } from "./checkpoint";
import { annotation, kindOf, kindOfUrn, type GroupVersionKind, NoSuchKind } from "./kinds";
import { messages } from "./messages";
import { diffObject } from "./object-diff";
import { diffProvider } from "./provider-diff";
import { pruned } from "./pruned";
import { type Dial, openSession, type Session } from "./session";
import { untilGone } from "./waiting";
import { timeoutOf, Writes } from "./writes";

const POLICIES: Readonly<Record<string, string>> = {
  orphan: "Orphan",
  background: "Background",
  foreground: "Foreground",
};

/** Kinds that the real plugin makes up itself and the stand-in does not. */
const UNPLAYED = /^kubernetes:(helm|yaml|kustomize)|Patch$|List$/;

/** A stand-in for pulumi-resource-kubernetes 4.32.0: plain objects and custom resources. */
export class KubernetesProvider implements Provider {
  readonly version = "4.32.0";
  readonly #cancellation = new AbortController();
  #opened: Session | undefined;

  constructor(
    readonly log: EngineLog,
    readonly dial?: Dial,
  ) {}

  checkConfig(request: CheckRequest): Promise<{ inputs: JsonObject }> {
    return Promise.resolve({ inputs: request.news });
  }

  diffConfig(request: DiffRequest): Promise<DiffResponse> {
    return Promise.resolve(diffProvider(request));
  }

  async configure(request: ConfigureRequest): Promise<ConfigureResponse> {
    this.#opened = await openSession(unwrappedObject(request.args), this.#cancellation.signal, this.dial);
    return { acceptSecrets: true, supportsPreview: true, supportsAutonamingConfiguration: true };
  }

  async check(request: CheckRequest): Promise<{ inputs: JsonObject }> {
    const type = request.urn.split("::")[2]?.split("$").at(-1) ?? "";
    if (UNPLAYED.test(type)) {
      throw new ProviderError(
        `the lab's stand-in for pulumi-resource-kubernetes does not play ${type}: install the real plugin`,
      );
    }
    const named = withName(asKubernetesWritesIt(withEncodedData(request.news)), request);
    return { inputs: await this.#inNamespace(named) };
  }

  /** The provider's namespace for a namespaced object without one; kinds the server does not know stay as they are. */
  async #inNamespace(inputs: JsonObject): Promise<JsonObject> {
    const session = this.#opened;
    const metadata = asObject(inputs["metadata"]);
    if (session === undefined || session.unreachable !== undefined || metadata["namespace"] !== undefined)
      return inputs;
    try {
      const { namespaced } = await session.store.kinds.find(kindOf(inputs));
      return namespaced ? { ...inputs, metadata: { ...metadata, namespace: session.namespace } } : inputs;
    } catch (error) {
      if (error instanceof NoSuchKind) return inputs;
      throw error;
    }
  }

  diff(request: DiffRequest): Promise<DiffResponse> {
    return Promise.resolve(
      diffObject(request, this.#opened?.mutable ?? { configMaps: false, secrets: false }),
    );
  }

  create(request: CreateRequest): Promise<StateResponse> {
    return new Writes(this.#session(), this.log).create(request);
  }

  update(request: UpdateRequest): Promise<StateResponse> {
    return new Writes(this.#session(), this.log).update(request);
  }

  async read(request: ReadRequest): Promise<ReadResponse> {
    const { store, unreachable, deleteUnreachable } = this.#session();
    if (unreachable !== undefined) {
      this.log.write("warning", unreachable, request.urn);
      if (!deleteUnreachable) throw new ProviderError(messages.unreadable);
      this.log.write("info", messages.forgotten, request.urn);
      return {};
    }
    const live = await this.#find(store, kindOfUrn(request.urn), request.id);
    if (live === undefined) return {};
    const oldInputs = request.inputs ?? {};
    const state = unwrappedObject(request.properties);
    const isGet = Object.keys(oldInputs).length === 0;
    const { name, namespace } = asObject(live["metadata"]);
    const inputs = isGet
      ? {
          apiVersion: live["apiVersion"] ?? null,
          kind: live["kind"] ?? null,
          metadata: { name: name ?? null, ...(namespace === undefined ? {} : { namespace }) },
        }
      : asObject(markedLike(pruned(live, unwrappedObject(oldInputs)), oldInputs));
    const properties = checkpoint(
      live,
      inputs,
      fieldManagerOf({}, state),
      asString(state["__initialApiVersion"]),
    );
    return { id: request.id, properties, inputs: asObject(properties["__inputs"]) };
  }

  async #find(store: Session["store"], kind: GroupVersionKind, id: string): Promise<JsonObject | undefined> {
    try {
      return await store.get(await store.addressById(kind, id));
    } catch (error) {
      if (error instanceof NoSuchKind) return undefined;
      throw error;
    }
  }

  async delete(request: DeleteRequest): Promise<void> {
    const { store, unreachable, deleteUnreachable } = this.#session();
    if (unreachable !== undefined) {
      this.log.write("warning", unreachable, request.urn);
      if (!deleteUnreachable) throw new ProviderError(messages.undeletable);
      this.log.write("info", messages.forgotten, request.urn);
      return;
    }
    const outputs = unwrappedObject(request.properties);
    const inputs = unwrappedObject(outputs["__inputs"] ?? request.oldInputs);
    const policy =
      annotation(inputs, "pulumi.com/deletionPropagationPolicy") ??
      annotation(outputs, "pulumi.com/deletionPropagationPolicy");
    try {
      const address = await store.addressById(kindOfUrn(request.urn), request.id);
      if (!(await store.remove(address, POLICIES[(policy ?? "foreground").toLowerCase()] ?? "Foreground")))
        return;
      this.log.write("info", "Resource scheduled for deletion", request.urn, true);
      await untilGone(store, address, timeoutOf(request.timeout, inputs), (live) =>
        this.#reportStuck(request.urn, live),
      );
    } catch (error) {
      if (!(error instanceof NoSuchKind)) throw error;
    }
  }

  #reportStuck(urn: string, live: JsonObject): void {
    const finalizers = at(live, "metadata", "finalizers");
    if (Array.isArray(finalizers))
      this.log.write("warning", messages.stuckFinalizers(finalizers.map(String)), urn);
  }

  invoke(): Promise<never> {
    return Promise.reject(
      unimplemented("Invoke is not played by the lab's stand-in: install the real plugin"),
    );
  }

  cancel(): Promise<void> {
    this.#cancellation.abort();
    return Promise.resolve();
  }

  #session(): Session {
    if (this.#opened === undefined) throw new ProviderError("the provider was not configured");
    return this.#opened;
  }
}
