import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import type { Change } from "../../model/change/change";
import { commitAll, example, pullRequest, recordedCilium } from "../change/pull-requests";
import { exampleText, metal, projectWith } from "./command-line";

const file = "Pulumi.capi-1.yaml";
const otherASN = example().replace("asn: 65001", "asn: 65002");
/** A PATH with git and node, and no Cilium CLI. */
const bare = { PATH: process.env["PATH"] };
const levelOf = (out: string) => (JSON.parse(out) as { level: string }).level;

describe("npm run metal -- diff", function () {
  this.timeout(120_000); // several commands and git calls each
  it("compares the working tree with where the branch left main, whatever main has become", async () => {
    const directory = pullRequest({ [file]: example() }, {});
    commitAll(directory, "feature");
    fs.writeFileSync(path.join(directory, file), otherASN);
    const { code, out } = await metal(directory, ["diff"], bare);
    assert.equal(code, 0);
    assert.match(out, /^capi-1: 4 BGP sessions reset/);
    assert.match(out, /compared with main \([0-9a-f]{9}\)/);
    commitAll(directory);
    assert.match((await metal(directory, ["diff"], bare)).out, /^capi-1: 4 BGP sessions reset/);
    assert.match(
      (await metal(directory, ["diff", "--base", "HEAD"], bare)).out,
      /^capi-1: nothing changes\n/,
    );
  });

  it("needs no Cilium CLI, and says that nothing was rendered", async () => {
    const upgrade = example((config) => {
      config["cilium"] = { ...config["cilium"], version: "1.18.4" };
    });
    const directory = pullRequest({ [file]: upgrade }, { [file]: example() });
    const missing = await metal(directory, ["diff", "--json"], { PATH: "/usr/bin:/bin" });
    assert.deepEqual([missing.code, levelOf(missing.out)], [0, "high"]);
    assert.match(missing.out, /Not rendered: the Cilium CLI is not on PATH/);
  });

  it("runs the proofs on the new render, and refuses like the program would", async () => {
    const directory = pullRequest(
      { [file]: example() },
      { [file]: example().replace("host: 10.250.250.29", "host: 10.250.250.30") },
    );
    const { code, out } = await metal(directory, ["diff"], recordedCilium);
    assert.equal(code, 0);
    assert.match(out, /^capi-1: refused with \d+ errors? \(render\/agent-api-host/);
  });

  for (const [name, edit] of Object.entries({
    environment: (text: string) => `environment: [org/other]\n${text}`,
    secretsprovider: (text: string) => `secretsprovider: passphrase\n${text}`,
    "config.pulumi:disable-default-providers": (text: string) =>
      text.replace("config:\n", 'config:\n  pulumi:disable-default-providers: ["kubernetes"]\n'),
  })) {
    it(`rates a change of ${name} high: Pulumi reads it, and no plan shows what it does`, async () => {
      const directory = pullRequest({ [file]: example() }, { [file]: edit(example()) });
      const { code, out } = await metal(directory, ["diff"], bare);
      assert.equal(code, 0);
      assert.ok(out.startsWith(`capi-1: settings of Pulumi itself change (${name})`), out);
      assert.match(out, /high risk/);
    });
  }

  it("rates another kubeconfig of the management cluster high", async () => {
    const other = example((config) => {
      config["management"] = { ...config["management"], kubeconfig: "access/k.yaml" };
    });
    const directory = pullRequest({ [file]: example() }, { [file]: other });
    const { out } = await metal(directory, ["diff"], bare);
    assert.match(out, /high risk/);
    assert.match(out, /another kubeconfig/);
  });

  it("shows a new stack and a deleted one", async () => {
    const fresh = await metal(
      pullRequest({ "Pulumi.other.yaml": example() }, { [file]: example() }),
      ["diff", "--stack", "capi-1"],
      recordedCilium,
    );
    assert.equal(fresh.code, 0);
    assert.match(fresh.out, /^capi-1: a new cluster of 4 machines/);
    const gone = pullRequest({ [file]: example(), "Pulumi.other.yaml": example() }, { [file]: undefined });
    const deleted = await metal(gone, ["diff", "--stack", "capi-1", "--format", "markdown"], bare);
    assert.equal(deleted.code, 0);
    assert.match(deleted.out, /### 🔴 capi-1: the stack file is removed, the cluster is not/);
  });

  it("cannot tell where a side is no stack: exit 2, with the reason", async () => {
    const broken = exampleText.replace("replicas: 3", "replicas: many");
    const head = await metal(
      pullRequest({ [file]: exampleText }, { [file]: broken }),
      ["diff", "--format", "markdown"],
      bare,
    );
    assert.equal(head.code, 2);
    assert.match(head.out, /### ⛔ capi-1: refused with 1 error .*\n\n.*\n\n- error `config\//);
    assert.match(head.err, /^error: capi-1: refused/);
    const base = await metal(pullRequest({ [file]: broken }, { [file]: exampleText }), ["diff"], bare);
    assert.equal(base.code, 2);
    assert.match(base.out, /^capi-1: the base is not a valid stack/);
  });

  it("wants a base, and names the stacks there are", async () => {
    const nowhere = await metal(projectWith({ [file]: exampleText }), ["diff"], bare);
    assert.equal(nowhere.code, 2);
    assert.match(nowhere.err, /no commit to compare with/);
    const directory = pullRequest({ [file]: exampleText }, {});
    const unknownBase = await metal(directory, ["diff", "--base", "nowhere"], bare);
    assert.match(unknownBase.err, /no commit "nowhere"/);
    const unknownStack = await metal(directory, ["diff", "--stack", "capi-2"], bare);
    assert.equal(unknownStack.code, 2);
    assert.match(unknownStack.err, /there is no stack "capi-2"; did you mean "capi-1"/);
  });

  it("names a changed secret and shows no part of it, in any format", async () => {
    const [before, after] = ["v1:PLANTEDold:AAAA", "v1:PLANTEDnew:AAAA"].map((secure) =>
      exampleText.replace(/secure: \S+/, `secure: ${secure}`),
    );
    const directory = pullRequest({ [file]: before ?? "" }, { [file]: after });
    for (const format of ["terminal", "markdown", "json"]) {
      const { out, err } = await metal(directory, ["diff", "--format", format], bare);
      assert.match(out, /bmc\.password/);
      assert.ok(!/PLANTED/.test(out + err), out);
    }
  });

  it("refuses a copied ciphertext and an encrypted value in a plain field, as check does", async () => {
    const [secure = ""] = /secure: \S+/.exec(exampleText) ?? [];
    const after = exampleText.replace(
      "- name: capi-1-w-1\n",
      `- name: capi-1-w-1\n      description: { ${secure} }\n`,
    );
    const directory = pullRequest({ [file]: exampleText }, { [file]: after });
    const found = JSON.parse((await metal(directory, ["diff", "--json"], bare)).out) as Change;
    assert.equal(found.level, "high");
    assert.deepEqual(
      found.checks.errors.map(({ id }) => id),
      ["secrets/only-secrets", "secrets/encrypted-once"],
    );
    const check = await metal(directory, ["check", "--format", "short"], bare);
    assert.equal(check.code, 1);
    assert.match(check.out, /secrets\/encrypted-once/);
  });

  describe("when the program's own code changes", () => {
    const root = path.join(__dirname, "../..");
    const planner = "model/plan/plan-cluster.ts";

    /** A project whose base has this text for a file of the model, and whose working tree is as here. */
    function withCode(name: string, before: (text: string) => string): string {
      const directory = pullRequest({ [file]: exampleText }, {});
      for (const part of ["model", "ops/stack", "package.json", "tsconfig.json"]) {
        fs.cpSync(path.join(root, part), path.join(directory, part), { recursive: true });
      }
      fs.symlinkSync(path.join(root, "node_modules"), path.join(directory, "node_modules"));
      fs.writeFileSync(path.join(directory, ".gitignore"), "node_modules\n");
      const text = fs.readFileSync(path.join(root, name), "utf8");
      assert.notEqual(before(text), text);
      fs.writeFileSync(path.join(directory, name), before(text));
      commitAll(directory);
      fs.writeFileSync(path.join(directory, name), text);
      return directory;
    }

    it("plans the base with the base's own code", async function () {
      this.timeout(300_000); // another Node reads the whole model
      const directory = withCode("model/plan/manifests/cluster.ts", (text) =>
        text.replace("maxInFlight: 1", "maxInFlight: 7"),
      );
      const { code, out } = await metal(directory, ["diff"], bare);
      assert.equal(code, 0);
      assert.match(out, /spec\.remediation\.maxInFlight @@\n\s+- 7\n\s+\+ 1/);
      assert.match(out, /each side was planned with its own code/);
    });

    it("plans both with the new code where the base's code does not run: high, with the reason", async function () {
      this.timeout(300_000);
      const { code, out } = await metal(
        withCode(planner, () => "export {};\n"),
        ["diff"],
        bare,
      );
      assert.equal(code, 0);
      assert.match(out, /the base's code could not plan .*: both sides were planned with the new code/);
      assert.match(
        out,
        /^capi-1: the code that plans changes and could not be compared, so the worst is assumed; 1 more of high risk\nhigh risk/,
      );
    });
  });

  it("with --live and no cluster tells the rest and ends with 2", async () => {
    const unreachable = example((config) => {
      config["management"] = { ...config["management"], kubeconfig: "absent" };
    });
    const { code, out } = await metal(
      pullRequest({ [file]: unreachable }, {}),
      ["diff", "--live"],
      recordedCilium,
    );
    assert.equal(code, 2);
    assert.match(
      out,
      /not compared: the management cluster cannot be queried: kubeconfig ".*absent" does not exist/,
    );
  });
});
