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

  for (const [name, character] of [
    ["U+0085", "\u0085"],
    ["U+2028", "\u2028"],
    ["U+2029", "\u2029"],
    ["U+000D", "\r"],
  ] as const) {
    it(`is refused with ${name}, after which Go's reader of YAML ends a comment`, () => {
      const hidden = ["    exec:", "      command: PLANTED"].map((line) => character + line).join("");
      const text = `users:\n- name: u\n  user:\n    # renewed${hidden}\n    token: t\n`;
      const message = `the kubeconfig of Secret n/c holds the character ${name} in line 4, which ends a line for some readers of YAML`;
      assert.throws(() => selfContained(text, "Secret n/c"), new KubeconfigError(message));
    });
  }

  for (const users of [
    "!!omap [{ <<: { name: u, user: { exec: { command: PLANTED } } } }]",
    "!<tag:yaml.org,2002:omap> [{ name: u }]",
    "!!set { PLANTED }",
    "[{ name: u, user: { !!binary ZXhlYw==: { command: PLANTED } } }]",
    "!users [{ name: u }]",
  ]) {
    it(`is refused with a tag, and not repeated: ${users}`, () => {
      const message =
        "the kubeconfig of Secret n/c has a tag in line 2, which means something else to other readers of YAML";
      assert.throws(
        () => selfContained(`kind: Config\nusers: ${users}\n`, "Secret n/c"),
        new KubeconfigError(message),
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
