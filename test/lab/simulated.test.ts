import assert from "node:assert/strict";
import path from "node:path";
import { enterNamespace } from "../../lab/namespace/enter";

/** Runs one scenario of simulated-run.ts in a namespace of its own: it has its own management plane. */
async function scenario(name: string): Promise<void> {
  const argv = ["--import", "tsx", path.join(__dirname, "simulated-run.ts"), name];
  const inside = enterNamespace(argv, { ...process.env, METAL_SIMULATED_QUIET: "1" });
  assert.equal(await inside.exitCode, 0);
}

describe("the simulated part against a real management plane", function () {
  this.timeout(360_000);

  it("plays two clusters at once and gives every host back", () => scenario("two"));
  it("plays BGP sessions, and scales workers and control planes down and up", () => scenario("scale"));
  it("plays host faults, and no node is Ready with Cilium for another endpoint", () => scenario("faults"));
});
