import assert from "node:assert";
import fs from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { checkStack } from "../../model/checks";
import { readStack } from "../../model/stack/read-stack";
import { separateSecrets } from "../../model/stack/secrets";

const folder = path.join(__dirname, "../stacks");

describe("stack files that are there to be rehearsed", () => {
  const files = fs.readdirSync(folder).filter((name) => /^Pulumi\..+\.yaml$/.test(name));

  it("are some", () => assert.ok(files.length >= 2));

  for (const file of files) {
    it(`${file} passes every check`, () => {
      // A secret that nobody can decrypt is for the lab to replace.
      const text = fs.readFileSync(path.join(folder, file), "utf8").replace(/\n\s+secure: \S+/g, " dGVzdA==");
      const { config } = parse(text) as { config: Record<string, unknown> };
      const raw = Object.fromEntries(
        Object.entries(config).map(([key, value]) => [key.replace("metal:", ""), value]),
      );
      const reading = readStack(separateSecrets(raw).raw, file.split(".")[1] ?? "");
      assert.deepStrictEqual(reading.findings ?? [], []);
      const found = reading.stack === undefined ? ["no stack"] : checkStack(reading.stack);
      assert.deepStrictEqual(
        found.filter((finding) => typeof finding === "string" || finding.severity === "error"),
        [],
      );
    });
  }
});
