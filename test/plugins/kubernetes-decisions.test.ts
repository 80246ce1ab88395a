import assert from "node:assert/strict";
import { type JsonObject, UNKNOWN } from "../../lab/plugins/grpc/property-value";
import { withName } from "../../lab/plugins/kubernetes/check";
import { jsonPath } from "../../lab/plugins/kubernetes/jsonpath";
import { diffObject } from "../../lab/plugins/kubernetes/object-diff";
import { diffProvider } from "../../lab/plugins/kubernetes/provider-diff";
import { canonicalQuantity } from "../../lab/plugins/kubernetes/quantity";
import { waitForCheck } from "../../lab/plugins/kubernetes/wait-for";

const OFF = { configMaps: false, secrets: false };
const ON = { configMaps: true, secrets: true };

function configMap(data: JsonObject, rest: JsonObject = {}, metadata: JsonObject = {}): JsonObject {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "cm", namespace: "t", ...metadata },
    data,
    ...rest,
  };
}

const stateOf = (inputs: JsonObject, live: JsonObject = inputs): JsonObject => ({
  ...live,
  __inputs: inputs,
});

describe("kubernetes stand-in, diff", () => {
  const changed = (inputs: JsonObject, news: JsonObject, mutable = OFF): ReturnType<typeof diffObject> =>
    diffObject({ olds: stateOf(inputs), news }, mutable);
  const replacement = {
    changes: "DIFF_SOME",
    replaces: ["data.a"],
    detailedDiff: { "data.a": { kind: "UPDATE_REPLACE" } },
    hasDetailedDiff: true,
  };

  it("replaces a ConfigMap whose data changes, old one first because it has a name of its own", () => {
    assert.deepEqual(changed(configMap({ a: "1" }), configMap({ a: "2" })), {
      ...replacement,
      deleteBeforeReplace: true,
    });
  });

  it("creates the replacement first when the name was made up", () => {
    const made = { annotations: { "pulumi.com/autonamed": "true" } };
    assert.deepEqual(changed(configMap({ a: "1" }, {}, made), configMap({ a: "2" }, {}, made)), replacement);
  });

  it("updates a ConfigMap in place when the provider says that they are mutable", () => {
    const expected = {
      changes: "DIFF_SOME",
      detailedDiff: { "data.a": { kind: "UPDATE" } },
      hasDetailedDiff: true,
    };
    assert.deepEqual(changed(configMap({ a: "1" }), configMap({ a: "2" }), ON), expected);
  });

  it("replaces an immutable ConfigMap all the same", () => {
    const inputs = configMap({ a: "1" }, { immutable: true });
    assert.deepEqual(changed(inputs, { ...inputs, data: { a: "2" } }, ON).replaces, ["data.a"]);
  });

  it("replaces what is renamed or moved, new one first", () => {
    const moved = changed(configMap({}), configMap({}, {}, { name: "other" }), ON);
    assert.deepEqual([moved.replaces, moved.deleteBeforeReplace], [["metadata.name"], undefined]);
  });

  it("does not see what the server added", () => {
    const inputs = configMap({ a: "1" });
    const live = configMap({ a: "1", c: "3" }, {}, { uid: "u" });
    assert.equal(diffObject({ olds: stateOf(inputs, live), news: inputs }, ON).changes, "DIFF_NONE");
  });

  it("sees a field that the server dropped as an addition", () => {
    const inputs = {
      apiVersion: "metal3.io/v1alpha1",
      kind: "BareMetalHost",
      metadata: { name: "h" },
      spec: { onlnie: true },
    };
    const diff = diffObject({ olds: stateOf(inputs, { ...inputs, spec: {} }), news: inputs }, ON);
    assert.deepEqual(diff.detailedDiff, { "spec.onlnie": {} });
  });

  it("takes Kubernetes' own spelling of a value for the value", () => {
    const of = (spec: JsonObject): JsonObject => ({
      apiVersion: "apps/v1",
      kind: "DaemonSet",
      metadata: { name: "d" },
      spec,
    });
    const inputs = of({ cpu: "1000m", env: [{ name: "E", value: "" }] });
    const live = of({ cpu: "1", env: [{ name: "E" }] });
    assert.equal(diffObject({ olds: stateOf(inputs, live), news: inputs }, ON).changes, "DIFF_NONE");
  });

  it("does not take an empty ConfigMap value for none", () => {
    assert.deepEqual(changed(configMap({}), configMap({ a: "" }), ON).detailedDiff, { "data.a": {} });
  });
});

describe("kubernetes stand-in, changes of a provider", () => {
  const kubeconfig = (server: string): string =>
    JSON.stringify({
      clusters: [{ name: "c", cluster: { server } }],
      contexts: [{ name: "x", context: { cluster: "c" } }],
      "current-context": "x",
    });
  const cases: Readonly<
    Record<
      string,
      [olds: JsonObject, news: JsonObject, diffs: string[] | undefined, replaces: string[] | undefined]
    >
  > = {
    nothing: [{ kubeconfig: "k" }, { kubeconfig: "k" }, undefined, undefined],
    "an unknown kubeconfig with an identifier": [
      { kubeconfig: "k", clusterIdentifier: "wl" },
      { kubeconfig: UNKNOWN, clusterIdentifier: "wl" },
      ["kubeconfig"],
      undefined,
    ],
    "an unknown kubeconfig without one": [
      { kubeconfig: "k" },
      { kubeconfig: UNKNOWN },
      ["kubeconfig"],
      ["kubeconfig"],
    ],
    "another identifier": [
      { clusterIdentifier: "wl" },
      { clusterIdentifier: "other" },
      ["clusterIdentifier"],
      ["clusterIdentifier"],
    ],
    "an identifier that is added": [
      { kubeconfig: "k" },
      { kubeconfig: "k", clusterIdentifier: "wl" },
      ["clusterIdentifier"],
      undefined,
    ],
    "another server without an identifier": [
      { kubeconfig: kubeconfig("https://192.0.2.1") },
      { kubeconfig: kubeconfig("https://192.0.2.2") },
      ["kubeconfig"],
      ["kubeconfig"],
    ],
  };
  for (const [name, [olds, news, diffs, replaces]] of Object.entries(cases)) {
    it(`${replaces === undefined ? "does not replace" : "replaces"} it for ${name}`, () => {
      const answer = diffProvider({ olds, news });
      assert.deepEqual([answer.diffs, answer.replaces], [diffs, replaces]);
    });
  }
});

describe("kubernetes stand-in, waitFor", () => {
  const conditions = (...list: JsonObject[]): JsonObject => ({
    metadata: { generation: 2 },
    status: { conditions: list },
  });
  const ready = (text: string, live: JsonObject): boolean => waitForCheck(text)(live).ready;

  it("takes True for a condition's wanted status", () => {
    assert.equal(ready("condition=Available", conditions({ type: "Available", status: "True" })), true);
    assert.equal(ready("condition=Available", conditions({ type: "Available", status: "False" })), false);
    assert.equal(ready("condition=Paused=False", conditions({ type: "Paused", status: "False" })), true);
  });

  it("does not believe a condition about an older generation", () => {
    assert.equal(
      ready("condition=Available", conditions({ type: "Available", status: "True", observedGeneration: 1 })),
      false,
    );
  });

  it("believes a stale condition that carries no generation", () => {
    assert.equal(ready("condition=Available", conditions({ type: "Available", status: "True" })), true);
  });

  it("needs all of a list", () => {
    const text = JSON.stringify(["condition=Available", "jsonpath={.status.host}"]);
    const live = conditions({ type: "Available", status: "True" });
    assert.equal(ready(text, live), false);
    assert.equal(ready(text, { ...live, status: { ...(live["status"] as JsonObject), host: "h" } }), true);
  });

  it("says what it waits for", () => {
    assert.equal(waitForCheck("condition=Available")({}).message, "Has no .status.conditions");
    assert.equal(waitForCheck("jsonpath={.status.state}=on")({}).message, "{.status.state} selected nothing");
  });

  it("refuses a text that is neither", () => {
    assert.throws(() => waitForCheck("ready"), /write condition=Type\[=Status\] or jsonpath=/);
  });

  const document = {
    a: { b: [1, 2] },
    state: "available",
    list: [{ type: "Ready", status: "True" }, { type: "X" }],
  };
  for (const [path, expected] of [
    ["{.a.b[0]}", [1]],
    ["{$.a.b[-1]}", [2]],
    ["{.a['b'][*]}", [1, 2]],
    ['{.list[?(@.type=="Ready")].status}', ["True"]],
    ["{[?@ == 'available' || @ == 'provisioned']}", ["available"]],
    ["{.missing.path}", []],
  ] as const) {
    it(`selects ${JSON.stringify(expected)} by ${path}`, () => {
      assert.deepEqual(jsonPath(path)(document), expected);
    });
  }
});

describe("kubernetes stand-in, names", () => {
  const urn = "urn:pulumi:dev::metal::kubernetes:core/v1:ConfigMap::thing";
  const unnamed = { apiVersion: "v1", kind: "ConfigMap", metadata: { namespace: "t" } };

  it("makes one up from the logical name, keeps it on later runs, and another for a replacement", () => {
    const first = withName(unnamed, { urn, olds: {}, randomSeed: "a" });
    const { name, annotations } = first["metadata"] as JsonObject;
    assert.match(String(name), /^thing-[0-9a-f]{8}$/);
    assert.deepEqual(annotations, { "pulumi.com/autonamed": "true" });
    assert.deepEqual(withName(unnamed, { urn, olds: first, randomSeed: "b" }), first);
    assert.notDeepEqual(withName(unnamed, { urn, olds: {}, randomSeed: "b" }), first);
  });

  it("leaves a name alone, an unknown one too", () => {
    for (const name of ["given", UNKNOWN]) {
      const named = { ...unnamed, metadata: { name } };
      assert.deepEqual(withName(named, { urn, olds: {} }), named);
    }
  });
});

describe("kubernetes stand-in, quantities", () => {
  const cases: readonly [string | number, string | undefined][] = [
    ["1000m", "1"],
    [1, "1"],
    [0.1, "100m"],
    ["0.5Gi", "512Mi"],
    ["1024Mi", "1Gi"],
    ["1000Mi", "1000Mi"],
    ["1000", "1k"],
    ["100m", "100m"],
    ["0", "0"],
    ["1e3", undefined],
    ["i:2", undefined],
  ];
  for (const [written, canonical] of cases) {
    it(`${canonical === undefined ? "leaves" : "writes"} ${JSON.stringify(written)} ${canonical === undefined ? "alone" : `as ${canonical}`}`, () => {
      assert.equal(canonicalQuantity(written), canonical);
    });
  }
});
