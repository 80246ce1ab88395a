import assert from "node:assert/strict";
import path from "node:path";
import { enterNamespace } from "../../lab/namespace/enter";

describe("the live preflight against a real management cluster", function () {
  this.timeout(120_000);

  it("finds what is wrong, nothing else, and what Pulumi's preview would not show", async () => {
    const argv = ["--import", "tsx", path.join(__dirname, "preflight-run.ts")];
    assert.equal(await enterNamespace(argv, process.env).exitCode, 0);
  });
});
