import assert from "node:assert";
import fs from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { KubernetesApi } from "../../ops/kubernetes/api";
import { connect } from "../../ops/kubernetes/connection";
import { KubeconfigError } from "../../ops/kubernetes/kubeconfig";

function kubeconfig(context: string): string {
  return JSON.stringify({
    "current-context": context,
    contexts: [{ name: context, context: { cluster: context, user: context } }],
    clusters: [{ name: context, cluster: { server: `https://${context}.example.com:6443` } }],
    users: [{ name: context, user: { token: "throw-away" } }],
  });
}

describe("a context of a kubeconfig", () => {
  it("is opened with its token", async () => {
    const connection = await connect(kubeconfig("one"), "one");
    assert.strictEqual(connection.server, "https://one.example.com:6443");
    assert.deepStrictEqual(await connection.headers(), { authorization: "Bearer throw-away" });
  });

  it("names the contexts there are when the wanted one is missing", async () => {
    await assert.rejects(
      connect(kubeconfig("one"), "two"),
      /context "two" is not in the kubeconfig; it has one/,
    );
  });

  const plugins: Record<string, [script: string, expected: RegExp]> = {
    "is not on PATH": [
      "",
      /credential plugin ".*no-such-plugin" of context "one" failed: it is not on PATH; run kubectl/,
    ],
    fails: [
      "#!/bin/sh\necho 'login expired' >&2; exit 3\n",
      /credential plugin ".*plugin" of context "one" failed: .+; run kubectl/,
    ],
    "prints its token and no ExecCredential": [
      "#!/bin/sh\necho token0pq7zz\n",
      /^(?!.*token0).* failed: it printed no ExecCredential in JSON; run kubectl/,
    ],
    "prints nothing": ["#!/bin/sh\n", / failed: it printed no ExecCredential in JSON; run kubectl/],
    "prints another JSON document": [
      "#!/bin/sh\necho '[\"token0pq7zz\"]'\n",
      /^(?!.*token0).* failed: it printed no ExecCredential in JSON; run kubectl/,
    ],
  };
  it("refuses a file that a user names and that is missing, or is a device", async () => {
    for (const [key, file, reason] of [
      ["tokenFile", "/nonexistent", "ENOENT"],
      ["tokenFile", "/dev/zero", "a device or a pipe"],
      ["client-key", "/dev/zero", "a device or a pipe"],
    ] as const) {
      const config = JSON.parse(kubeconfig("one")) as { users: { user: unknown }[] };
      config.users.forEach((user) => (user.user = { [key]: file }));
      await assert.rejects(connect(JSON.stringify(config), "one"), (error: Error) => {
        assert.ok(error instanceof KubeconfigError);
        assert.equal(error.message, `"${file}", which the kubeconfig names, cannot be read: ${reason}`);
        return true;
      });
    }
  });

  for (const [name, [script, expected]] of Object.entries(plugins)) {
    it(`names a credential plugin that ${name}`, async () => {
      const folder = fs.mkdtempSync(path.join(os.tmpdir(), "metal-plugin-"));
      const command = path.join(folder, script === "" ? "no-such-plugin" : "plugin");
      if (script !== "") fs.writeFileSync(command, script, { mode: 0o755 });
      const exec = { apiVersion: "client.authentication.k8s.io/v1", command, interactiveMode: "Never" };
      const config = JSON.parse(kubeconfig("one")) as { users: { user: unknown }[] };
      config.users.forEach((user) => (user.user = { exec }));
      await assert.rejects(connect(JSON.stringify(config), "one"), (error: Error) => {
        assert.ok(error instanceof KubeconfigError);
        assert.match(error.message, expected);
        return true;
      });
      fs.rmSync(folder, { recursive: true });
    });
  }
});

describe("a request", () => {
  it("is made again when the server asks for patience, and ends with its answer when it names no time", async () => {
    const answers: readonly (readonly [number, Record<string, string>])[] = [
      [429, { "retry-after": "0" }],
      [503, { "retry-after": "0" }],
      [200, {}],
      [429, {}],
    ];
    let asked = 0;
    const server = http.createServer((_request, response) => {
      const [status, headers] = answers[asked] ?? [500, {}];
      asked += 1;
      response.writeHead(status, headers).end(JSON.stringify({ message: `answer ${asked}` }));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}`;
    const api = await KubernetesApi.open(
      kubeconfig("one").replace("https://one.example.com:6443", url),
      "one",
    );
    try {
      assert.deepStrictEqual(await api.request("GET", "/x"), { message: "answer 3" });
      await assert.rejects(api.request("GET", "/x"), /answer 4/);
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });
});
