import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";

const root = path.join(__dirname, "../..");

describe("the modules of the program", () => {
  it("have no JSON file of their own name beside them: Pulumi's Node would load that instead", () => {
    const files = ["components", "model", "ops"].flatMap((folder) =>
      fs
        .readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" })
        .map((file) => path.join(folder, file)),
    );
    const twins = files.filter(
      (file) => file.endsWith(".json") && files.includes(file.replace(/json$/, "ts")),
    );
    assert.ok(files.length > 100);
    assert.deepEqual(twins, []);
  });
});
