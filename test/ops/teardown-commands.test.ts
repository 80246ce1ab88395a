import assert from "node:assert/strict";
import path from "node:path";
import fs from "node:fs";
import { ofOtherCluster, running } from "../preflight/running";
import { FakeApi } from "../wait/fake-api";
import { exampleText, metal, projectWith } from "./command-line";

describe("destroy-plan and detach", () => {
  const api = new FakeApi();
  let directory = "";

  before(async () => {
    await api.start();
    running({ free: ["capi-1-w-1"] })(api);
    const text = exampleText
      .replace("config:\n", "config:\n  metal:protect: false\n")
      .replace("context: management", "context: management\n    kubeconfig: kubeconfig");
    directory = projectWith({ "Pulumi.capi-1.yaml": text });
    fs.writeFileSync(path.join(directory, "kubeconfig"), api.kubeconfig("management"));
  });
  after(() => api.stop());

  const run = (...argv: string[]) => metal(directory, argv);
  const writes = () => api.requests.filter((request) => !request.startsWith("GET "));

  it("list every server with serial numbers and what becomes of it", async () => {
    const { code, out } = await run("destroy-plan", "--stack", "capi-1");
    assert.match(out, /the Cluster with its 3 machines/);
    assert.match(out, /capi-1: 0 errors, 0 warnings in 7 checks\. Nothing was changed\./);
    assert.match(
      out,
      /wiped and powered off +capi-1-cp-1 \(serial CZ-capi-1-cp-1, disks \/dev\/sda serial S4EMNX0R100020 and .*\), machine m-capi-1-cp-1/,
    );
    assert.match(out, /powered off +capi-1-w-1 \(serial CZ-capi-1-w-1/);
    assert.equal(code, 0);
    const { servers } = JSON.parse((await run("destroy-plan", "--stack", "capi-1", "--json")).out) as {
      servers: { fate: string }[];
    };
    assert.equal(servers.length, 4);
  });

  it("do nothing without --yes, and would have had to ask", async () => {
    const { code, out, err } = await run("detach", "--all", "--stack", "capi-1");
    assert.equal(code, 4);
    assert.match(out, /capi-1-cp-1 \(serial CZ-capi-1-cp-1.*\n.*capi-1-cp-2/);
    assert.match(out, /unchanged: their disks with all data/);
    assert.match(err, /confirmation required, nothing was changed; pass --yes to proceed/);
  });

  it("refuse what must not be given up, and what they cannot understand", async () => {
    const serving = await run("detach", "capi-1-cp-1", "--stack", "capi-1", "--yes");
    assert.equal(serving.code, 1);
    assert.match(
      serving.err,
      /capi-1-cp-1 serves as machine m-capi-1-cp-1 of a cluster that stays\n {2}fix: /,
    );
    assert.equal((await run("detach", "nobody", "--stack", "capi-1", "--yes")).code, 1);
    assert.match((await run("detach", "--stack", "capi-1")).err, /name the hosts to detach, or --all/);
    assert.match(
      (await run("detach", "--all", "--timeout", "soon", "--stack", "capi-1")).err,
      /"soon" is not a number/,
    );
    assert.deepEqual(writes(), []);
  });

  it("name the cluster that a host serves, plan an error and change nothing", async () => {
    const free = ["capi-1-w-1"];
    running({ free, host: (name) => (free.includes(name) ? ofOtherCluster : undefined) })(api);
    const other = 'Metal3Machine capi-1/other-md-0-abcde of cluster "other"';
    const { code, out } = await run("destroy-plan", "--stack", "capi-1");
    assert.equal(code, 1);
    assert.match(out, /1 error, 0 warnings in 7 checks/);
    assert.ok(out.includes(`capi-1-w-1 is claimed by ${other}, which is not of this cluster`), out);
    assert.ok(!out.includes("machine other-md-0-abcde"), out);
    for (const which of ["--all", "capi-1-w-1"]) {
      const refused = await run("detach", which, "--stack", "capi-1", "--yes");
      assert.equal(refused.code, 1);
      assert.ok(refused.err.includes(`capi-1-w-1 is claimed by ${other}`), refused.err);
    }
    assert.deepEqual(writes(), []);
  });

  it("say that nobody answers", async () => {
    await api.stop();
    const { code, err } = await run("destroy-plan", "--stack", "capi-1");
    assert.equal(code, 2);
    assert.match(err, /^error: .*127\.0\.0\.1/);
  });
});
