import assert from "node:assert";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
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
