import assert from "node:assert/strict";
import {
  asObject,
  asString,
  at,
  type Json,
  type JsonObject,
  unwrappedObject,
} from "../../lab/plugins/grpc/property-value";
import type * as wire from "../../lab/plugins/grpc/provider";
import { ApiError } from "../../lab/plugins/kubernetes/api-client";
import { KubernetesProvider } from "../../lab/plugins/kubernetes/kubernetes-provider";
import { MemoryApi } from "./memory-api";
import { comparable, type Exchange, exchangesOf, recorded, situations } from "./recordings";
import { SilentLog } from "./silent-log";

/** Situations that are not replayed, with the reason. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  "kill-up-afterint":
    "its only write is an Update that the engine canceled after 298 s; see kubernetes-traps.test.ts",
};
const ofRealPlugin = (name: string): boolean => !name.startsWith("cmd") && !name.startsWith("fake");

/** The live object in a recorded state. */
function liveIn(state: Json | undefined): JsonObject | undefined {
  const live = Object.entries(unwrappedObject(state)).filter(([key]) => !key.startsWith("__"));
  return live.some(([key]) => key === "kind") ? Object.fromEntries(live) : undefined;
}

/** An object of somebody else that has another value wherever the conflict says that they own it. */
function contested(object: JsonObject, manager: string, operation: string, path: string): JsonObject {
  const [top = "", key = ""] = path.slice(1).split(".");
  const value = asObject(object[top])[key];
  const other = typeof value === "boolean" ? !value : `not ${String(value)}`;
  const fieldsV1 = { [`f:${top}`]: { [`f:${key}`]: {} } };
  const entry = { manager, operation, apiVersion: object["apiVersion"] ?? "", fieldsV1 };
  return {
    ...object,
    [top]: { ...asObject(object[top]), [key]: other },
    metadata: { ...asObject(object["metadata"]), managedFields: [entry] },
  };
}

/** An object that nothing keeps from being deleted. */
function freed(object: JsonObject): JsonObject {
  const metadata = { ...asObject(object["metadata"]) };
  delete metadata["finalizers"];
  return { ...object, metadata };
}

/** A server in the state that made the real plugin answer as it did. */
function worldOf({ method, request, response, error = "" }: Exchange): MemoryApi {
  const api = new MemoryApi();
  const wanted = unwrappedObject(request["properties"] ?? request["news"]);
  const old = liveIn(
    method === "Read"
      ? response?.["properties"]
      : method === "Delete"
        ? request["properties"]
        : request["olds"],
  );
  if (method !== "Create" && old !== undefined)
    api.seed(method === "Delete" && error === "" ? freed(old) : old);
  const conflict = /conflict with "([^"]+)"( using \S+)?: (\S+)$/.exec(error);
  if (conflict !== null) {
    api.seed(
      contested(
        old ?? wanted,
        conflict[1] ?? "",
        conflict[2] === undefined ? "Apply" : "Update",
        conflict[3] ?? "",
      ),
    );
  }
  const echoed =
    method === "Create" &&
    request["preview"] === true &&
    response !== undefined &&
    at(response, "properties", "__inputs") === undefined;
  const served =
    wanted["kind"] !== "BareMetalHosst" && at(wanted, "metadata", "namespace") !== "doesnotexist";
  if (error.includes("already exists") || (echoed && served)) api.seed(wanted);
  const invalid = /(?:\S+ "[^"]*" is invalid: |ConfigMap in version )[^]*$/.exec(error);
  if (invalid !== null) api.refusal = new ApiError(422, "Invalid", invalid[0]);
  return api;
}

/** Timeouts of seconds are as good in hundredths. */
function hurried(request: JsonObject): JsonObject {
  return typeof request["timeout"] === "number" ? { ...request, timeout: request["timeout"] / 100 } : request;
}

type Call = (provider: KubernetesProvider, request: never) => Promise<unknown>;

const calls: Readonly<Record<string, Call>> = {
  CheckConfig: (provider, request: wire.CheckRequest) => provider.checkConfig(request),
  DiffConfig: (provider, request: wire.DiffRequest) => provider.diffConfig(request),
  Configure: (provider, request: wire.ConfigureRequest) => provider.configure(request),
  Check: (provider, request: wire.CheckRequest) => provider.check(request),
  Diff: (provider, request: wire.DiffRequest) => provider.diff(request),
  Create: (provider, request: wire.CreateRequest) => provider.create(request),
  Update: (provider, request: wire.UpdateRequest) => provider.update(request),
  Read: (provider, request: wire.ReadRequest) => provider.read(request),
  Delete: (provider, request: wire.DeleteRequest) => provider.delete(request).then(() => ({})),
};

/** An Update's answer has no id on the wire, and an empty answer is an empty object. */
function answered(method: string, answer: unknown): Json {
  const value = asObject(answer as Json);
  return method === "Update" ? { properties: value["properties"] ?? {} } : value;
}

async function replay(situation: string): Promise<number> {
  let world = new MemoryApi();
  let compared = 0;
  const provider = (): KubernetesProvider =>
    new KubernetesProvider(new SilentLog(), () => ({
      request: (request) => world.request(request),
      watch: (request, onEvent) => world.watch(request, onEvent),
    }));
  let current = provider();
  for (const exchange of exchangesOf(situation)) {
    const call = calls[exchange.method];
    if (call === undefined) continue;
    if (exchange.method === "Configure") current = provider();
    world = exchange.method === "Configure" ? new MemoryApi() : worldOf(exchange);
    const where = `${situation}: ${exchange.method} ${asString(exchange.request["urn"]) ?? ""}`;
    const answer = call(current, hurried(exchange.request) as never);
    if (exchange.error === undefined) {
      assert.deepEqual(
        comparable(answered(exchange.method, await answer)),
        comparable(exchange.response ?? {}),
        where,
      );
    } else {
      const message = await answer.then(
        () => "no error",
        (error: Error) => error.message,
      );
      assert.equal(comparable(message), comparable(exchange.error), where);
    }
    compared++;
  }
  return compared;
}

describe(`kubernetes stand-in, replay${recorded ? "" : " (skipped: ../shared/facts/samples/grpc is not here)"}`, () => {
  before(() => {
    process.env["METAL_PLUGIN_RETRY_SCALE"] = "0";
  });
  after(() => {
    delete process.env["METAL_PLUGIN_RETRY_SCALE"];
  });
  for (const situation of situations().filter(ofRealPlugin)) {
    const reason = LEFT_OUT[situation];
    if (reason !== undefined) {
      it.skip(`${situation} is left out: ${reason}`);
    } else {
      it(`answers as the real plugin did in ${situation}`, async () => {
        await replay(situation);
      });
    }
  }
});
