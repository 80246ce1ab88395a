import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";

import { ensureTools } from "../../lab/toolchain/index";
import { removeBuilds, staleBuilds, staleText } from "../../lab/toolchain/cache";
import { FakeMachine } from "./fake-machine";

describe("builds of other versions in the cache", () => {
  let machine: FakeMachine;
  beforeEach(() => (machine = new FakeMachine()));
  afterEach(() => machine.remove());

  it("are found and removed, and the present one stays", async () => {
    machine.go();
    const present = (await ensureTools(["kwok"], machine.progress, machine.options)).tool("kwok");
    const old = path.join(machine.cache, "kwok", "v0.7.0-0123456789ab");
    fs.mkdirSync(old);
    fs.writeFileSync(path.join(old, "kwok"), Buffer.alloc(3 * 2 ** 20));
    const { modules } = machine.options;
    const stale = staleBuilds(machine.cache, modules);
    assert.deepEqual(stale, [{ folder: old, bytes: 3 * 2 ** 20 }]);
    assert.equal(staleText(stale), "1 build of other versions, 3 MiB");
    removeBuilds(stale);
    assert.deepEqual(staleBuilds(machine.cache, modules), []);
    assert.equal(staleText([]), undefined);
    assert.ok(fs.existsSync(present));
  });
});
