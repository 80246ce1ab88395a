import assert from "node:assert/strict";
import { KubeconfigError, selfContained } from "../../ops/kubernetes/kubeconfig";

const config = (user: object, cluster: object = {}) =>
  JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "c", cluster: { server: "https://127.0.0.1:1", ...cluster } }],
    contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
    users: [{ name: "u", user }],
    "current-context": "c",
  });

describe("a kubeconfig out of a Secret", () => {
  const refused: Readonly<Record<string, string>> = {
    exec: config({ exec: { command: "/bin/sh", args: ["-c", "touch PLANTED"] } }),
    "auth-provider": config({ "auth-provider": { name: "gcp", config: { "cmd-path": "PLANTED" } } }),
    tokenFile: config({ tokenFile: "/root/PLANTED" }),
    "client-key": config({ "client-key": "/root/PLANTED" }),
    "<<": "users: [{name: u, user: {<<: {exec: {command: PLANTED}}}}]",
    "certificate-authority": config({}, { "certificate-authority": "/root/PLANTED" }),
  };
  for (const [key, text] of Object.entries(refused)) {
    it(`is refused with ${key}, and not repeated`, () => {
      assert.throws(
        () => selfContained(text, "Secret n/c-kubeconfig"),
        (error: Error) => {
          assert.ok(error instanceof KubeconfigError);
          assert.ok(error.message.startsWith(`the kubeconfig of Secret n/c-kubeconfig has ${key}, which`));
          assert.ok(!error.message.includes("PLANTED"));
          return true;
        },
      );
    });
  }

  it("is refused where it is no YAML, and not repeated", () => {
    assert.throws(
      () => selfContained('token: "PLANTED', "Secret n/c"),
      /^Error: the kubeconfig of Secret n\/c is not YAML: line 1$/,
    );
  });

  it("is taken as Cluster API writes it", () => {
    const text = config(
      { "client-certificate-data": "YQ==", "client-key-data": "YQ==" },
      { "certificate-authority-data": "YQ==" },
    );
    assert.equal(selfContained(text, "Secret n/c-kubeconfig"), text);
    assert.doesNotThrow(() => selfContained(config({ token: "t" }), "Secret n/c"));
  });
});
