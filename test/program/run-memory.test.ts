import assert from "node:assert";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { RunMemory } from "../../components/run-memory";

describe("what the preview of an up remembers for its update", () => {
  let file: string;
  beforeEach(() => (file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "metal-")), "run", "s.json")));
  const preview = (engine: string | undefined) => new RunMemory(file, engine, true);
  const update = (engine: string | undefined) => new RunMemory(file, engine, false);

  it("is the answer to the same question about the same thing, in the same engine", () => {
    preview("7 100").keep("render", { a: 1 }, "text");
    preview("7 100").keep("preflight", [2], "passed");
    assert.strictEqual(update("7 100").recall("render", { a: 1 }), "text");
    assert.strictEqual(update("7 100").recall("preflight", [2]), "passed");
    assert.strictEqual(update("7 100").recall("render", { a: 2 }), undefined);
    assert.strictEqual(update("7 200").recall("render", { a: 1 }), undefined);
    assert.strictEqual(update("7 100").recall("other", { a: 1 }), undefined);
  });

  it("is not used by a preview, nor kept by an update, nor by a run whose engine is unknown", () => {
    preview("7 100").keep("render", 1, "text");
    assert.strictEqual(preview("7 100").recall("render", 1), undefined);
    update("8 100").keep("render", 1, "other");
    assert.strictEqual(update("8 100").recall("render", 1), undefined);
    preview(undefined).keep("render", 1, "other");
    assert.strictEqual(update(undefined).recall("render", 1), undefined);
  });

  it("is readable by its owner only, and a damaged file counts as none", () => {
    preview("7 100").keep("render", 1, "text");
    assert.strictEqual(fs.statSync(file).mode & 0o777, 0o600);
    fs.writeFileSync(file, "{");
    assert.strictEqual(update("7 100").recall("render", 1), undefined);
  });

  it("is nothing where no file can be written, and the run goes on", () => {
    fs.writeFileSync(path.dirname(file), "a file where the folder would be");
    preview("7 100").keep("render", 1, "text");
    assert.strictEqual(update("7 100").recall("render", 1), undefined);
  });

  it("grows old", () => {
    preview("7 100").keep("render", 1, "text");
    const kept = fs.readFileSync(file, "utf8");
    fs.writeFileSync(file, kept.replace(/"at":\d+/, `"at":${Date.now() - 301_000}`));
    assert.strictEqual(update("7 100").recall("render", 1), undefined);
  });
});
