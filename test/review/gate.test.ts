import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { runningFrom } from "../../model/change/review/gate";
import { metal } from "../ops/command-line";
import { commandOnPath } from "../ops/stub-command";
import { edits } from "./deployments";
import { deployed, histories } from "./histories";

describe("the gate of a deployment", function () {
  this.timeout(60_000); // git, and two plans each
  for (const { history, make, level, reason } of histories) {
    it(`${history}: ${level}${level === "high" ? ", an approval is needed" : ""}`, async () => {
      const gate = await make().gate();
      const reasons = gate.reasons.map(String).join("\n");
      assert.deepEqual(
        [gate.level, gate.needsApproval, gate.code],
        [level, level === "high", level === "high" ? 1 : 0],
        reasons,
      );
      if (reason === undefined) assert.equal(reasons, "");
      else assert.match(reasons, reason);
    });
  }

  it("opens for an approval of the same comparison, also while that commit is half done", async () => {
    const deployments = deployed();
    deployments.merge(edits.high);
    const { against } = await deployments.gate();
    assert.equal((await deployments.gate(against)).code, 0);
    deployments.up("failed");
    assert.equal((await deployments.gate(against)).code, 0);
  });

  it("stays closed for an approval of another comparison, and for an empty one", async () => {
    const deployments = deployed();
    const high = deployments.merge(edits.high);
    const { against } = await deployments.gate();
    deployments.merge(edits.low);
    deployments.up();
    deployments.git("checkout", "-q", `${high}^`);
    assert.equal((await deployments.gate(against)).code, 1);
    assert.equal((await deployments.gate("")).code, 1);
  });

  it("gives what cannot be told an identity of its own, so that its approval ends with the next update", async () => {
    const deployments = deployed();
    deployments.up("succeeded", { "git.dirty": "true" });
    const { against } = await deployments.gate();
    assert.equal((await deployments.gate(against)).code, 0);
    deployments.up("succeeded", { "git.dirty": "true" });
    assert.equal((await deployments.gate(against)).code, 1);
  });

  it("lets a low risk through that was judged before another low risk was brought up", async () => {
    const deployments = deployed();
    deployments.merge(edits.low);
    const first = deployments.head;
    deployments.merge(edits.low2);
    const second = deployments.head;
    assert.equal((await deployments.gate()).level, "low");
    deployments.git("checkout", "-q", first);
    deployments.up();
    deployments.git("checkout", "-q", second);
    assert.deepEqual([(await deployments.gate()).level, (await deployments.gate()).code], ["low", 0]);
  });

  it("ends with 2 when the backend cannot be read, is no JSON, or there is no Pulumi CLI", async () => {
    const { directory } = deployed();
    const run = (env: NodeJS.ProcessEnv) => metal(directory, ["gate", "--stack", "capi-1"], env);
    for (const [env, message] of [
      [
        commandOnPath("pulumi", "echo 'error: could not connect' >&2; exit 255"),
        /stack history failed: error: could not connect/,
      ],
      [commandOnPath("pulumi", "echo nothing"), /not JSON/],
      [{ PATH: "/nowhere" }, /cannot be run/],
    ] as const) {
      const { code, out, err } = await run(env);
      assert.deepEqual([code, out], [2, ""]);
      assert.match(err, message);
    }
  });

  it("shows a person why, in a terminal and in a summary", async () => {
    const deployments = deployed();
    deployments.merge(edits.high);
    const show = (...args: string[]) =>
      metal(deployments.directory, ["gate", "--stack", "capi-1", ...args], deployments.pulumi());
    assert.match((await show()).out, /^capi-1: high risk; approval required\n\ncapi-1: /);
    assert.match((await show("--approved", "x")).out, /the approval is for another comparison/);
    assert.match((await show("--format", "markdown")).out, /^### capi-1: high risk; approval required\n/);
  });

  it("is not moved by a file that only lies in the working tree's ignored folders", async () => {
    const deployments = deployed();
    fs.mkdirSync(path.join(deployments.directory, ".git/info"), { recursive: true });
    fs.appendFileSync(path.join(deployments.directory, ".git/info/exclude"), ".metal/\n");
    fs.mkdirSync(path.join(deployments.directory, ".metal"));
    fs.writeFileSync(path.join(deployments.directory, ".metal/x"), "x");
    assert.equal((await deployments.gate()).level, "none");
  });
});

describe("what runs, from a stack's history", () => {
  it("is the last success and every failure since, each once", () => {
    const entry = (commit: string, result: string) => ({
      kind: "update",
      result,
      endTime: "2026-11-24T00:00:00.000Z",
      environment: { "git.head": commit.repeat(40), "git.dirty": "false" },
    });
    const history = [
      entry("c", "failed"),
      entry("b", "failed"),
      entry("c", "failed"),
      entry("a", "succeeded"),
      entry("d", "failed"),
    ];
    assert.deepEqual(
      runningFrom(history, undefined).commits,
      ["a", "c", "b"].map((each) => each.repeat(40)),
    );
  });
});
