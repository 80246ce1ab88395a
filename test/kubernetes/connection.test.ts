import assert from "node:assert";
import fs from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { KubernetesApi } from "../../ops/kubernetes/api";
import { KubeconfigError, connect, readKubeconfig } from "../../ops/kubernetes/connection";

function kubeconfig(context: string): string {
  return JSON.stringify({
    "current-context": context,
    contexts: [{ name: context, context: { cluster: context, user: context } }],
    clusters: [{ name: context, cluster: { server: `https://${context}.example.com:6443` } }],
    users: [{ name: context, user: { token: "throw-away" } }],
  });
}

describe("the kubeconfig", () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "metal-kubeconfig-"));
  const file = (name: string): string => {
    const place = path.join(folder, name);
    fs.writeFileSync(place, kubeconfig(name));
    return place;
  };
  const before = process.env["KUBECONFIG"];
  afterEach(() => {
    if (before === undefined) delete process.env["KUBECONFIG"];
    else process.env["KUBECONFIG"] = before;
  });
  after(() => fs.rmSync(folder, { recursive: true }));

  it("is the first of $KUBECONFIG's files that has the wanted context", () => {
    process.env["KUBECONFIG"] = [file("one"), file("two")].join(path.delimiter);
    assert.strictEqual(readKubeconfig(undefined, "two"), kubeconfig("two"));
  });

  it("is the named file, whatever the environment says", () => {
    process.env["KUBECONFIG"] = file("one");
    assert.strictEqual(readKubeconfig(file("two"), "two"), kubeconfig("two"));
  });

  it("opens the named context with its token", async () => {
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

  it("says which file cannot be read", () => {
    assert.throws(() => readKubeconfig("/no/such/file"), KubeconfigError);
  });
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
