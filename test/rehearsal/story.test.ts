import assert from "node:assert/strict";
import { engineProgress } from "../../lab/rehearsal/engine";
import { settled } from "../../lab/rehearsal/report";

/** Output of `pulumi up --non-interactive --color never`, engine 3.248.0, shortened. */
const output = `Updating (capi-1):
@ updating....
 +  pulumi:pulumi:Stack metal-capi-1 creating (0s) 
 +  pulumi:pulumi:Stack metal-capi-1 creating (1s) warning: false lets an update delete the cluster
 +  kubernetes:core/v1:Secret Secret/capi-1-w-1-bmc creating (0s) 
 +  kubernetes:core/v1:Secret Secret/capi-1-w-1-bmc created (0.05s) 
 +  command:local:Command ready creating (12s) 00:09 capi-1       endpoint  https://10.250.250.29:6443 answers
 ~  command:local:Command ready updating (13s) 00:10 capi-1-cp-3  ready     node capi-1-jk66l is Ready
    command:local:Command cilium-request  
Diagnostics:
  pulumi:pulumi:Stack (metal-capi-1):
    warning: false lets an update delete the cluster
    warning: a warning of two providers
    warning: a warning of two providers

  command:local:Command (ready):
    error: signal: killed: running "exec node --import tsx ops/wait/main.ts":
    00:09 capi-1       endpoint  https://10.250.250.29:6443 answers

Outputs:
    cluster     : "capi-1"

Resources:
    + 62 created

Duration: 1m20s`;

describe("the rehearsal's account of an engine's run", () => {
  it("holds the text of Commands, each warning and error once, and the counts", () => {
    const shown: string[] = [];
    const story = engineProgress((line) => shown.push(line.trim()));
    for (const line of output.split("\n")) story(line);
    assert.deepEqual(shown, [
      "+  command:local:Command ready creating (12s) 00:09 capi-1       endpoint  https://10.250.250.29:6443 answers",
      "~  command:local:Command ready updating (13s) 00:10 capi-1-cp-3  ready     node capi-1-jk66l is Ready",
      "pulumi:pulumi:Stack (metal-capi-1):",
      "warning: false lets an update delete the cluster",
      "warning: a warning of two providers",
      "command:local:Command (ready):",
      'error: signal: killed: running "exec node --import tsx ops/wait/main.ts":',
      "+ 62 created",
    ]);
  });

  it("begins again with each run", () => {
    const shown: string[] = [];
    const story = engineProgress((line) => shown.push(line));
    for (const line of `${output}\n${output}`.split("\n")) story(line);
    assert.equal(shown.length, 16);
  });
});

describe("a verdict on what settles", () => {
  it("holds when the last look finds nothing, and looks no further", async () => {
    let looks = 0;
    const look = () => Promise.resolve({ statement: "up", against: (looks += 1) < 3 ? ["not yet"] : [] });
    assert.deepEqual(await settled(look, 5, 0.001), { statement: "up", against: [] });
    assert.equal(looks, 3);
  });

  it("names what still contradicts it, and how long it waited, at its limit", async () => {
    const look = () => Promise.resolve({ statement: "4 sessions are up", against: ["cp-1 is idle"] });
    const verdict = await settled(look, 0.02, 0.001);
    assert.match(verdict.statement, /^4 sessions are up \(waited \d+ s for it\)$/);
    assert.deepEqual(verdict.against, ["cp-1 is idle"]);
  });
});
