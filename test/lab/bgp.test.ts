import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import path from "node:path";
import { namespaceFlags } from "../../lab/namespace/enter";
import { SCENARIOS } from "./bgp/run";

interface Line {
  readonly name?: string;
  readonly failure?: string;
  readonly software?: string;
}

/** All scenarios share one start of the lab: an API server, real speakers and a real router. */
describe("BGP between real speakers and a real router", function () {
  this.timeout(480_000);
  let lines: readonly Line[] = [];
  let said = "";

  before(() => {
    const program = [process.execPath, "--import", "tsx", path.join(__dirname, "bgp", "run.ts")];
    const argv = [...namespaceFlags(), "--kill-child=KILL", "--", ...program];
    const run = spawnSync("unshare", argv, { encoding: "utf8", timeout: 470_000 });
    said = run.stderr;
    lines = run.stdout
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line) as Line);
  });

  for (const name of Object.keys(SCENARIOS)) {
    it(name, () => {
      const line = lines.find((each) => each.name === name);
      assert.ok(line !== undefined, `did not run: ${said.slice(-3000)}`);
      assert.equal(line.failure, undefined);
    });
  }
});
