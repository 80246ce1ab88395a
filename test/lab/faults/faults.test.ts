import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import path from "node:path";
import { faults } from "../../../lab/faults";

const program = path.join(__dirname, "..", "..", "..", "lab", "rehearse.ts");

/** About two minutes each, so they have a command of their own. */
describe("npm run rehearse -- --fault", () => {
  for (const { name, breaks } of faults) {
    it(`${name}: ${breaks}`, () => {
      const argv = ["--import", "tsx", program, "--json", "--fault", name];
      const run = spawnSync(process.execPath, argv, { encoding: "utf8", maxBuffer: 64e6 });
      assert.equal(run.status, 0, run.stderr.slice(-6000));
    });
  }
});
