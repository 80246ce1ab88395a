import assert from "node:assert";
import path from "node:path";
import { AgreeableApi, type Registered, configure, runProgram } from "./run-program";

const stackFile = path.join(__dirname, "../../Pulumi.capi-1.yaml");
const key = ({ type, name }: Registered) => `${type} ${name}`;

describe("BMC logins in the program", () => {
  const api = new AgreeableApi();
  let kubeconfig = "";
  before(async () => {
    kubeconfig = await api.listen();
  });
  after(() => api.stop());

  const withLogin = async (bmc: Readonly<Record<string, string>>): Promise<readonly Registered[]> => {
    configure(stackFile, kubeconfig, (config) => (config["metal:bmc"] = bmc));
    return (await runProgram(false)).resources;
  };
  const logins = (resources: readonly Registered[]) =>
    resources.filter(({ name }) => /^Secret\/.*-bmc$/.test(name));

  it("change with a new password in the Secrets alone: no host, no wait, and nothing under another name", async () => {
    const before = await withLogin({ username: "metal", password: "old-password" });
    const after = await withLogin({ username: "metal", password: "new-password" });
    assert.deepStrictEqual(after.map(key).sort(), before.map(key).sort());
    const changed = after.filter((resource) => {
      const old = before.find((other) => key(other) === key(resource));
      return JSON.stringify(old?.inputs) !== JSON.stringify(resource.inputs);
    });
    assert.deepStrictEqual(
      changed.map(({ name }) => name).sort(),
      logins(after)
        .map(({ name }) => name)
        .sort(),
    );
    assert.strictEqual(changed.length, 4);
    for (const { inputs } of changed) assert.match(JSON.stringify(inputs), /new-password/);
  });

  it("are patched in place: Metal3's finalizer would hold the delete of a replacement for as long as its host lives", async () => {
    const provider = (await withLogin({ username: "metal", password: "x" })).find(
      ({ name }) => name === "management",
    );
    const { enableSecretMutable } = provider?.inputs as Record<string, unknown>;
    assert.ok(enableSecretMutable === true || enableSecretMutable === "true", String(enableSecretMutable));
  });

  it("stay in the cluster when the stack lets go of them, because Metal3 holds and removes them with their host", async () => {
    const resources = await withLogin({ username: "metal", password: "x" });
    for (const { name, options } of logins(resources)) assert.strictEqual(options.retainOnDelete, true, name);
    const others = resources.filter(({ name }) => /^(Secret\/.*-network|BareMetalHost\/)/.test(name));
    assert.ok(others.length >= 8);
    for (const { name, options } of others) assert.strictEqual(options.retainOnDelete, false, name);
  });

  it("are copied from an existing Secret that is named: the operator owns the copies, and never the user's own", async () => {
    api.put({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "rack-login", namespace: "capi-1" },
      data: { username: "", password: "" },
    });
    const resources = await withLogin({ existingSecret: "rack-login" });
    const copies = logins(resources);
    assert.strictEqual(copies.length, 4);
    for (const { inputs, options } of copies) {
      assert.strictEqual(options.retainOnDelete, true);
      const { data, stringData } = inputs as Record<string, unknown>;
      // The mocks hand secrets on in their wrapped form.
      assert.match(JSON.stringify(data), /4dabf18193072939515e22adb298388d.*cm9vdA==/);
      assert.strictEqual(stringData, undefined);
    }
    const reads = resources.filter(({ read }) => read !== undefined).map(({ read }) => read);
    assert.ok(reads.includes("capi-1/rack-login"), reads.join());
    const hosts = resources.filter(({ name }) => name.startsWith("BareMetalHost/"));
    assert.strictEqual(hosts.length, 4);
    for (const { name, inputs } of hosts) {
      assert.match(JSON.stringify(inputs), new RegExp(`"credentialsName":"${name.split("/")[1]}-bmc"`));
    }
    assert.doesNotMatch(JSON.stringify(hosts), /rack-login/);
  });
});

describe("BGP's objects that GitOps owns", () => {
  const api = new AgreeableApi();
  after(() => api.stop());

  it("are left alone by the stack, which keeps only the passwords and the wait", async () => {
    const kubeconfig = await api.listen();
    const run = async (lifecycle: string) => {
      configure(stackFile, kubeconfig, (config) => {
        config["metal:bgp"] = { ...(config["metal:bgp"] as object), lifecycle };
      });
      return (await runProgram(false)).resources.filter(({ type }) =>
        type.startsWith("kubernetes:cilium.io"),
      );
    };
    const [ours, handed] = [await run("pulumi"), await run("gitops")];
    assert.ok(ours.length >= 4);
    assert.deepStrictEqual(handed.map(key).sort(), ours.map(key).sort());
    for (const { options } of ours)
      assert.deepStrictEqual([options.retainOnDelete, options.ignoreChanges], [false, []]);
    for (const { options } of handed) {
      assert.deepStrictEqual([options.retainOnDelete, options.ignoreChanges], [true, ["metadata", "spec"]]);
    }
  });
});

describe("the power of hosts", () => {
  const api = new AgreeableApi();
  after(() => api.stop());

  it("is left to Metal3, except where it leaves a host alone", async () => {
    const kubeconfig = await api.listen();
    configure(stackFile, kubeconfig, (config) => {
      const hosts = config["metal:hosts"] as object[];
      const [free] = hosts.slice(-1);
      const mac = "52:54:00:0a:00:99";
      const off = {
        name: "off",
        mac,
        address: "10.250.250.99",
        bmc: { address: "redfish-virtualmedia://10.250.251.99/redfish/v1/Systems/1" },
        links: [{ name: "eno1", mac }],
        rootDeviceHints: { serialNumber: "S4EMNX0R100099" },
        online: false,
      };
      config["metal:hosts"] = [...hosts, { ...free, ...off }];
    });
    const hosts = (await runProgram(false)).resources.filter(({ name }) => name.startsWith("BareMetalHost/"));
    for (const { name, options } of hosts) {
      assert.deepStrictEqual(
        options.ignoreChanges,
        name === "BareMetalHost/off" ? [] : ["spec.online"],
        name,
      );
    }
    assert.ok(hosts.some(({ name }) => name === "BareMetalHost/off") && hosts.length > 1);
  });
});
