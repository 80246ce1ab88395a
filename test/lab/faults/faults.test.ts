import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import path from "node:path";
import { faults } from "../../../lab/faults";
import { missingForAgents } from "../../../lab/nodes/requirements";

const program = path.join(__dirname, "..", "..", "..", "lab", "rehearse.ts");

const missing = missingForAgents();

/** About two minutes each, so they have a command of their own. */
describe("npm run rehearse -- --fault", () => {
  for (const { name, breaks, needsRealCilium = false } of faults) {
    if (needsRealCilium && missing.length > 0) {
      it.skip(`${name}: not tried, real Cilium needs ${missing.join(", ")}`);
      continue;
    }
    it(`${name}: ${breaks}`, () => {
      const cilium = needsRealCilium ? ["--cilium", "real"] : [];
      const argv = ["--import", "tsx", program, "--json", "--fault", name, ...cilium];
      const run = spawnSync(process.execPath, argv, { encoding: "utf8", maxBuffer: 64e6 });
      assert.equal(run.status, 0, run.stderr.slice(-6000));
    });
  }
});
