import assert from "node:assert/strict";
import { type JsonObject, secret, UNKNOWN } from "../../lab/plugins/grpc/property-value";
import { InitializationError } from "../../lab/plugins/grpc/provider";
import { ConnectionError } from "../../lab/plugins/kubernetes/api-client";
import { KubernetesProvider } from "../../lab/plugins/kubernetes/kubernetes-provider";
import { MemoryApi } from "./memory-api";
import { SilentLog } from "./silent-log";

const KUBECONFIG = `
clusters: [{name: c, cluster: {server: "https://192.0.2.1:6443"}}]
users: [{name: u, user: {token: t}}]
contexts: [{name: x, context: {cluster: c, user: u}}]
current-context: x
`;
const urnOf = (type: string): string => `urn:pulumi:dev::metal::kubernetes:${type}::thing`;
const CONFIG_MAP = urnOf("core/v1:ConfigMap");
const HOST = urnOf("metal3.io/v1alpha1:BareMetalHost");

function configMap(data: JsonObject, metadata: JsonObject = {}): JsonObject {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "cm", namespace: "t", ...metadata }, data };
}

function host(annotations: JsonObject = {}): JsonObject {
  return {
    apiVersion: "metal3.io/v1alpha1",
    kind: "BareMetalHost",
    metadata: { name: "h", namespace: "t", annotations },
    spec: { online: true },
  };
}

interface Stage {
  readonly api: MemoryApi;
  readonly log: SilentLog;
  readonly provider: KubernetesProvider;
}

async function stage(
  args: JsonObject = {},
  prepare: (api: MemoryApi) => void = () => undefined,
): Promise<Stage> {
  const api = new MemoryApi();
  prepare(api);
  const log = new SilentLog();
  const provider = new KubernetesProvider(log, () => api);
  await provider.configure({ args: { kubeconfig: KUBECONFIG, ...args } });
  return { api, log, provider };
}

async function rejection(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("it did not fail");
}

describe("kubernetes stand-in, the traps of create", () => {
  before(() => {
    process.env["METAL_PLUGIN_RETRY_SCALE"] = "0";
  });
  after(() => {
    delete process.env["METAL_PLUGIN_RETRY_SCALE"];
  });

  it("is green in a preview although the object exists, and says so on the row only", async () => {
    const { provider, log } = await stage({}, (api) => api.seed(configMap({ a: "other" })));
    const properties = configMap({ a: "1" });
    assert.deepEqual(await provider.create({ urn: CONFIG_MAP, properties, preview: true }), { properties });
    assert.deepEqual(log.messages, [
      {
        severity: "info",
        message: 'Retry #0; creation failed: configmaps "cm" already exists',
        ephemeral: true,
      },
    ]);
  });

  it("retries a missing namespace six times, then fails", async () => {
    const { provider, log } = await stage();
    const properties = configMap({}, { namespace: "nowhere" });
    const error = await rejection(provider.create({ urn: CONFIG_MAP, properties }));
    assert.match(
      error.message,
      /was not successfully created by the Kubernetes API server: namespaces "nowhere" not found$/,
    );
    assert.equal(log.messages.length, 6);
    assert.match(log.messages[5]?.message ?? "", /^Retry #5; /);
  });

  it("creates once the kind appears while it retries", async () => {
    const { provider, api } = await stage();
    api.namespaces.delete("t");
    const created = provider.create({ urn: CONFIG_MAP, properties: configMap({}) });
    setTimeout(() => api.namespaces.add("t"), 1);
    assert.equal((await created).id, "t/cm");
  });

  describe("when it upserts over an object of another manager", () => {
    const others = [
      { manager: "manager", operation: "Update", apiVersion: "v1", fieldsV1: { "f:data": { "f:a": {} } } },
    ];
    const adopting = (): Promise<Stage> =>
      stage({ upsertExistingObjects: "true" }, (api) =>
        api.seed(configMap({ a: "1" }, { managedFields: others })),
      );

    it("takes over the same values without a conflict", async () => {
      const { provider } = await adopting();
      const { id } = await provider.create({ urn: CONFIG_MAP, properties: configMap({ a: "1" }) });
      assert.equal(id, "t/cm");
    });

    it("fails on other values, which the preview did not show", async () => {
      const { provider } = await adopting();
      const preview = await provider.create({
        urn: CONFIG_MAP,
        properties: configMap({ a: "2" }),
        preview: true,
      });
      assert.deepEqual(preview.properties["data"], { a: "2" });
      const error = await rejection(provider.create({ urn: CONFIG_MAP, properties: configMap({ a: "2" }) }));
      assert.match(error.message, /field conflict detected[^]*conflict with "manager" using v1: \.data\.a$/);
    });
  });

  it("does not call the server in a preview when anything is unknown", async () => {
    const { provider, api } = await stage();
    const asked = api.requests.length;
    const properties = configMap({ a: UNKNOWN });
    assert.deepEqual(await provider.create({ urn: CONFIG_MAP, properties, preview: true }), { properties });
    assert.equal(api.requests.length, asked);
  });

  it("keeps a Secret's data wrapped in inputs and outputs, and sends it unwrapped", async () => {
    const { provider, api } = await stage();
    const urn = urnOf("core/v1:Secret");
    const news = {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "s", namespace: "t" },
      stringData: secret({ pw: "hunter2" }),
    };
    const { inputs } = await provider.check({ urn, olds: {}, news });
    assert.deepEqual(inputs["data"], secret({ pw: "aHVudGVyMg==" }));
    assert.equal(inputs["stringData"], undefined);
    const { properties } = await provider.create({ urn, properties: inputs });
    assert.deepEqual(properties["data"], secret({ pw: "aHVudGVyMg==" }));
    assert.deepEqual((properties["__inputs"] as JsonObject)["data"], secret({ pw: "aHVudGVyMg==" }));
    assert.deepEqual([...api.objects.values()][0]?.["data"], { pw: "aHVudGVyMg==" });
    const { properties: read } = await provider.read({ urn, id: "t/s" });
    assert.deepEqual(read?.["data"], secret({ pw: "aHVudGVyMg==" }));
  });

  it("decides once, in Configure, whether the server is reachable", async () => {
    const { provider, api } = await stage({}, (server) => {
      server.unreachable = true;
    });
    api.unreachable = false;
    const properties = configMap({});
    assert.deepEqual(await provider.create({ urn: CONFIG_MAP, properties, preview: true }), { properties });
    const error = await rejection(provider.create({ urn: CONFIG_MAP, properties }));
    assert.match(
      error.message,
      /^configured Kubernetes cluster is unreachable: unable to load schema information from the API server: Get ".*connection refused$/,
    );
    assert.match(
      (await rejection(provider.delete({ urn: CONFIG_MAP, id: "t/cm", properties }))).message,
      /PULUMI_K8S_DELETE_UNREACHABLE/,
    );
    assert.match(
      (await rejection(provider.read({ urn: CONFIG_MAP, id: "t/cm" }))).message,
      /^failed to read resource state/,
    );
  });

  it("forgets what an unreachable server held when it is told to", async () => {
    process.env["PULUMI_K8S_DELETE_UNREACHABLE"] = "true";
    try {
      const { provider } = await stage({}, (server) => {
        server.unreachable = true;
      });
      await provider.delete({ urn: CONFIG_MAP, id: "t/cm", properties: configMap({}) });
      assert.deepEqual(await provider.read({ urn: CONFIG_MAP, id: "t/cm" }), {});
    } finally {
      delete process.env["PULUMI_K8S_DELETE_UNREACHABLE"];
    }
  });
});

describe("kubernetes stand-in, waiting", () => {
  const WAIT = { "pulumi.com/waitFor": "jsonpath={.status.provisioning.state}=available" };
  const available = (object: JsonObject): JsonObject => ({
    ...object,
    status: { provisioning: { state: "available" } },
  });

  it("stores what exists when the wait times out, and an Update resumes it", async () => {
    const { provider, api } = await stage();
    const error = await rejection(provider.create({ urn: HOST, properties: host(WAIT), timeout: 0.03 }));
    assert.ok(error instanceof InitializationError);
    assert.equal(error.id, "t/h");
    assert.match(error.message, /was successfully created, but .*: timed out waiting for the condition$/);
    const olds = error.properties;
    assert.deepEqual((await provider.diff({ urn: HOST, olds, news: host(WAIT) })).changes, "DIFF_NONE");
    setTimeout(() => api.change("BareMetalHost", "t/h", available), 20);
    const { properties } = await provider.update({
      urn: HOST,
      id: "t/h",
      olds,
      news: host(WAIT),
      timeout: 5,
    });
    assert.deepEqual(properties["status"], { provisioning: { state: "available" } });
  });

  it("ends a waiting create at once on Cancel, and keeps the object", async () => {
    const { provider } = await stage();
    setTimeout(() => void provider.cancel(), 10);
    const error = await rejection(provider.create({ urn: HOST, properties: host(WAIT) }));
    assert.ok(error instanceof InitializationError);
    assert.match(error.message, /context canceled$/);
  });

  it("answers a canceled update as the real one did in kill-up-afterint", async () => {
    const { provider } = await stage({}, (api) => api.seed(host(WAIT)));
    setTimeout(() => void provider.cancel(), 10);
    const error = await rejection(
      provider.update({ urn: HOST, id: "t/h", olds: host(WAIT), news: host(WAIT) }),
    );
    assert.equal(error instanceof InitializationError, false);
    assert.match(error.message, /^update of resource .* failed: context canceled\n/);
  });

  it("outlives a server that restarts while it waits", async () => {
    const { provider, api } = await stage();
    const created = provider.create({ urn: HOST, properties: host(WAIT), timeout: 5 });
    setTimeout(() => {
      const { request } = api;
      let refusals = 2;
      api.request = (asked) =>
        refusals-- > 0 ? Promise.reject(new ConnectionError("connection refused")) : request.call(api, asked);
      api.change("BareMetalHost", "t/h", available);
    }, 10);
    assert.equal((await created).id, "t/h");
  });

  it("waits for a DaemonSet's rollout without being asked", async () => {
    const { provider, api } = await stage();
    const spec = { selector: {}, template: {} };
    const properties = {
      apiVersion: "apps/v1",
      kind: "DaemonSet",
      metadata: { name: "d", namespace: "t" },
      spec,
    };
    const created = provider.create({ urn: urnOf("apps/v1:DaemonSet"), properties, timeout: 5 });
    const status = {
      observedGeneration: 1,
      desiredNumberScheduled: 2,
      updatedNumberScheduled: 2,
      numberAvailable: 2,
    };
    setTimeout(
      () =>
        api.change("DaemonSet", "t/d", (object) => ({
          ...object,
          status: { ...status, numberAvailable: 1 },
        })),
      10,
    );
    setTimeout(() => api.change("DaemonSet", "t/d", (object) => ({ ...object, status })), 20);
    assert.deepEqual((await created).properties["status"], status);
  });

  it("fails a delete that a finalizer holds up, names it, and leaves the object", async () => {
    const { provider, api, log } = await stage({}, (server) =>
      server.seed(configMap({}, { finalizers: ["example.org/never"] })),
    );
    const error = await rejection(
      provider.delete({ urn: CONFIG_MAP, id: "t/cm", properties: configMap({}), timeout: 0.03 }),
    );
    assert.equal(error.message, "timed out waiting for the condition");
    assert.deepEqual(log.messages.at(-1), {
      severity: "warning",
      message: "finalizers might be preventing deletion (example.org/never)",
      ephemeral: false,
    });
    assert.equal(api.objects.size, 1);
  });

  for (const [annotation, policy] of [
    [undefined, "Foreground"],
    ["background", "Background"],
    ["orphan", "Orphan"],
  ] as const) {
    it(`deletes with ${policy} when the annotation is ${annotation ?? "absent"}`, async () => {
      const annotations: JsonObject =
        annotation === undefined ? {} : { "pulumi.com/deletionPropagationPolicy": annotation };
      const object = configMap({}, { annotations });
      const { provider, api } = await stage({}, (server) => server.seed(object));
      await provider.delete({ urn: CONFIG_MAP, id: "t/cm", properties: object });
      const sent = api.requests.find(({ method }) => method === "DELETE")?.body as JsonObject;
      assert.equal(sent["propagationPolicy"], policy);
    });
  }
});

describe("kubernetes stand-in, the traps of update", () => {
  it("removes what a person added with kubectl, after the first update took their fields over", async () => {
    const { provider, api } = await stage();
    const { properties } = await provider.create({ urn: CONFIG_MAP, properties: configMap({ a: "1" }) });
    api.change("ConfigMap", "t/cm", (object) => {
      const metadata = object["metadata"] as JsonObject;
      const entry = {
        manager: "kubectl-patch",
        operation: "Update",
        apiVersion: "v1",
        fieldsV1: { "f:data": { "f:c": {} } },
      };
      return {
        ...object,
        data: { a: "1", c: "3" },
        metadata: { ...metadata, managedFields: [...(metadata["managedFields"] as JsonObject[]), entry] },
      };
    });
    const updated = await provider.update({
      urn: CONFIG_MAP,
      id: "t/cm",
      olds: properties,
      news: configMap({ a: "2" }),
    });
    assert.deepEqual(updated.properties["data"], { a: "2" });
    assert.equal(updated.properties["__fieldManager"], properties["__fieldManager"]);
  });

  it("echoes the inputs in a preview when the server cannot be asked", async () => {
    const { provider } = await stage({}, (api) => {
      api.unreachable = true;
    });
    const news = configMap({ a: "2" });
    assert.deepEqual(
      await provider.update({ urn: CONFIG_MAP, id: "t/cm", olds: configMap({}), news, preview: true }),
      { properties: news },
    );
  });
});
