import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";

import { chartTools, recordings } from "../../lab/charts/record";
import { ensureTools, showProgress } from "../../lab/toolchain/index";

const root = path.resolve(__dirname, "../..");

describe("what is recorded of Cilium's charts", () => {
  let fresh: ReadonlyMap<string, string>;
  before(async function () {
    this.timeout(40 * 60_000);
    fresh = recordings(await ensureTools(chartTools, showProgress(process.stderr)));
  });

  it("is the keys and three renders", () => assert.equal(fresh.size, 4));

  it("is what the charts say today (else: npm run charts)", () => {
    for (const [file, content] of fresh) {
      assert.equal(fs.readFileSync(path.join(root, file), "utf8"), content, file);
    }
  });
});
