import assert from "node:assert/strict";
import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";

const program = path.join(__dirname, "..", "..", "lab", "rehearse.ts");

function rehearse(...args: readonly string[]): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, ["--import", "tsx", program, ...args], {
    encoding: "utf8",
    maxBuffer: 64e6,
  });
}

describe("npm run rehearse", () => {
  it("makes capi-1, finds everything as it must be, and leaves nothing", () => {
    const run = rehearse("--json");
    assert.equal(run.status, 0, run.stderr.slice(-6000));
    const result = JSON.parse(run.stdout) as {
      passed: boolean;
      statements: number;
      contradictions: string[];
    };
    assert.deepEqual(result.contradictions, []);
    assert.ok(result.passed && result.statements >= 10);
  });

  it("makes two stacks in one namespace: alone, tunnelled, DHCP, a load balancer, beside dual stack from a pool", () => {
    const run = rehearse("--json", "--stack", "edge", "--beside", "rack");
    assert.equal(run.status, 0, run.stderr.slice(-6000));
    const result = JSON.parse(run.stdout) as { contradictions: string[]; statements: number };
    assert.deepEqual(result.contradictions, []);
    assert.ok(result.statements >= 20);
  });

  it("names the stacks there are when it is given another, and ends with 2", () => {
    const run = rehearse("--stack", "no-such");
    assert.equal(run.status, 2);
    assert.match(run.stderr, /no stack file "Pulumi.no-such.yaml"; there are: .*capi-1/);
  });

  it("brings up no lab for a stack file that the program would refuse, says all that is wrong, and ends with 2", () => {
    const file = path.join(__dirname, "../stacks/Pulumi.refused.yaml");
    const capi1 = fs.readFileSync(path.join(__dirname, "../../Pulumi.capi-1.yaml"), "utf8");
    fs.writeFileSync(file, capi1.replace("gateway:", "gatway:").replace("replicas: 3", "replicas: 2"));
    try {
      const run = rehearse("--stack", "refused");
      assert.equal(run.status, 2);
      assert.match(run.stderr, /error\[config\/key-known\][^]*error\[etcd\/member-count-odd\]/);
      assert.doesNotMatch(run.stdout, /lab: a management cluster/);
    } finally {
      fs.rmSync(file);
    }
  });

  it("knows only faults that it can play", () => {
    const run = rehearse("--fault", "no-such");
    assert.equal(run.status, 2);
    assert.match(run.stderr, /Allowed choices are bmc-password/);
  });
});
