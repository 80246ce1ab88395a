import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { text } from "../../model/kubernetes/object";
import { resources as kinds } from "../../model/kubernetes/resources";
import { AgreeableApi, type Registered, configure, runProgram, unknownValue } from "./run-program";
import { ciliumRenderOf } from "./recorded-render";

const stackFile = path.join(__dirname, "../../Pulumi.capi-1.yaml");

describe("a preview without a management cluster", () => {
  const api = new AgreeableApi();
  let kubeconfig = "";
  let silent = "";
  let warnings: string[] = [];
  const { warn } = pulumi.log;
  before(async () => {
    kubeconfig = await api.listen();
    silent = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "metal-")), "kubeconfig");
    fs.writeFileSync(silent, fs.readFileSync(kubeconfig, "utf8").replace(/127\.0\.0\.1:\d+/, "127.0.0.1:9"));
  });
  after(() => api.stop());
  beforeEach(() => {
    warnings = [];
    Object.assign(pulumi.log, { warn: (text: string) => (warnings.push(text), Promise.resolve()) });
  });
  afterEach(() => void Object.assign(pulumi.log, { warn }));

  const offline = (allowed: boolean) =>
    configure(stackFile, silent, (config) => {
      config["metal:management"] = { ...(config["metal:management"] as object), offlinePreview: allowed };
    });
  const nothingThere = () => false;

  it("goes on where the stack says so, and names everything that was not asked", async () => {
    offline(true);
    const { resources } = await runProgram(true, ciliumRenderOf, nothingThere);
    assert.ok(resources.some(({ type }) => type.endsWith(":Cluster")));
    const [told = ""] = warnings.filter((text) => text.startsWith("live preflight: not checked"));
    assert.match(told, /management\/reachable: .*127\.0\.0\.1:9/);
    for (const id of ["management/kinds-served", "management/permitted", "management/namespace-exists"]) {
      assert.ok(told.includes(id), `${id} is not named in\n${told}`);
    }
  });

  it("reads no Secret where its user may not, and says so", async () => {
    configure(stackFile, kubeconfig);
    api.denied.add("get secrets");
    // Who may delete something is no preview's user.
    for (const { plural } of Object.values(kinds)) api.denied.add(`delete ${plural}`);
    try {
      const { resources } = await runProgram(true);
      assert.equal(resources.find(({ name }) => name === "capi-1-kubeconfig")?.read, unknownValue);
      const provider = resources.find(({ name }) => name === "capi-1-workload");
      assert.deepEqual(provider?.options.ignoreChanges, ["kubeconfig"]);
    } finally {
      api.denied.clear();
    }
    assert.ok(
      warnings.some((text) => text.startsWith("preview: not permitted to read Secrets in namespace")),
    );
  });

  it("is refused where it does not", async () => {
    offline(false);
    await assert.rejects(
      runProgram(true, ciliumRenderOf, nothingThere),
      /cannot be reached, nothing was changed[^]*management\.offlinePreview/,
    );
  });

  it("is no excuse for an update", async () => {
    offline(true);
    await assert.rejects(runProgram(false), (error: Error) => {
      assert.match(error.message, /cannot be reached, nothing was changed/);
      assert.doesNotMatch(error.message, /offlinePreview/);
      return true;
    });
  });

  it("reads nothing from a cluster: the id of the kubeconfig's Secret is unknown", async () => {
    offline(true);
    const { resources } = await runProgram(true, ciliumRenderOf, nothingThere);
    const known = resources.filter(({ read = "" }) => read !== "" && read !== unknownValue);
    assert.deepEqual(
      known.map(({ name }) => name),
      [],
    );
  });
});

describe("previews of a workload cluster that is not there yet, or is", () => {
  const api = new AgreeableApi();
  let first: readonly Registered[];
  let later: readonly Registered[];
  let kubeconfig = "";
  before(async () => {
    kubeconfig = await api.listen();
    configure(stackFile, kubeconfig);
    first = (await runProgram(true, ciliumRenderOf, () => false)).resources;
    later = (await runProgram(true)).resources;
  });
  after(() => api.stop());

  const keyOf = ({ type, name }: Registered) => `${type} ${name}`;
  const isRead = ({ name }: Registered) => name === "capi-1-kubeconfig" || name.startsWith("node-of-");

  it("declare the same resources, so that none is deleted or made twice", () => {
    const names = (resources: readonly Registered[]) =>
      resources
        .filter((each) => !isRead(each))
        .map(keyOf)
        .sort();
    assert.deepEqual(names(first), names(later));
    const read = later.find(({ name }) => name === "capi-1-kubeconfig");
    assert.equal(read?.read, "capi-1/capi-1-kubeconfig", "a later preview reads the kubeconfig");
  });

  it("differ in nothing that Kubernetes or a provider replaces a resource for", () => {
    for (const resource of later.filter((each) => !isRead(each))) {
      const earlier = first.find((each) => keyOf(each) === keyOf(resource));
      assert.deepEqual(replacing(earlier), replacing(resource), keyOf(resource));
    }
  });

  it("name a BGP override after the node that the host has become", async () => {
    configure(stackFile, kubeconfig, (config) => {
      const local = [{ host: "capi-1-cp-1", localAddresses: ["10.250.250.20"] }];
      config["metal:bgp"] = { ...(config["metal:bgp"] as object), nodeOverrides: local };
    });
    const { resources } = await runProgram(true);
    const override = resources.find(({ type }) => type.endsWith(":CiliumBGPNodeConfigOverride"));
    assert.equal(text(override?.inputs, "metadata", "name"), "machine-node-of-capi-1-cp-1");
    api.denied.add("get secrets");
    for (const { plural } of Object.values(kinds)) api.denied.add(`delete ${plural}`);
    try {
      const unprivileged = (await runProgram(true)).resources;
      const read = unprivileged.find(({ name }) => name === "node-of-capi-1-cp-1");
      assert.equal(read?.read, "capi-1/capi-1-cp-1");
    } finally {
      api.denied.clear();
    }
  });

  it("name both providers' clusters, so that an unknown kubeconfig replaces nothing", () => {
    for (const resources of [first, later]) {
      const named = resources
        .filter(({ type }) => type === "pulumi:providers:kubernetes")
        .map(({ inputs }) => (inputs as { readonly clusterIdentifier?: string }).clusterIdentifier);
      assert.deepEqual(named.sort(), ["capi-1", "management:management"]);
    }
  });

  it("wait with commands that are updated and never replaced", () => {
    const commands = later.filter(({ type }) => type === "command:local:Command");
    assert.ok(commands.length >= 2);
    for (const { inputs, name } of commands) assert.ok(!Object.hasOwn(inputs as object, "triggers"), name);
  });

  it("do not depend on whether the workload cluster answers: the program itself never asks it", async () => {
    const asked = api.requests.length;
    await runProgram(true);
    assert.ok(api.requests.length > asked, "the management cluster is asked");
    assert.ok(
      !JSON.stringify(later).includes(unknownValue),
      "with the management cluster everything is known",
    );
  });
});

/** What forces a replacement: kind, name, namespace and a provider's cluster; unknown names count as known. */
function replacing(resource: Registered | undefined): unknown {
  const { apiVersion, kind, metadata, clusterIdentifier, immutable } = (resource?.inputs ?? {}) as Record<
    string,
    unknown
  >;
  const { name, namespace } = (metadata ?? {}) as Record<string, unknown>;
  // A node has the name of its machine, which nobody knows before there is one; it is then created, not replaced.
  const isOverride = kind === "CiliumBGPNodeConfigOverride";
  return { apiVersion, kind, name: isOverride ? "" : name, namespace, clusterIdentifier, immutable };
}
