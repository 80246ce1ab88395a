import assert from "node:assert";
import fs from "node:fs";
import path from "node:path";
import { agentSubjects } from "../../model/cilium/agent/subjects";
import { checks } from "../../model/checks";
import { badStacks, findingsOf, findingsOfRaw, goodStackNames, rawGoodStack } from "./fixtures";
import { rawCapi1 } from "./stacks";

const spelt = (findings: readonly { readonly id: string; readonly at: string }[]) =>
  findings.map(({ id, at }) => `${id} ${at}`.trim()).sort();

describe("checks", () => {
  it("accept capi-1", () => assert.deepStrictEqual(findingsOfRaw(rawCapi1(), "capi-1"), []));

  for (const name of goodStackNames()) {
    it(`accept ${name}`, () => assert.deepStrictEqual(findingsOfRaw(rawGoodStack(name), name), []));
  }

  for (const bad of badStacks()) {
    const ids = [...new Set(bad.finds.map((find) => find.split(" ")[0]))];
    it(`${ids.join(", ")} refuses ${bad.mistake} (${bad.file})`, () => {
      const findings = findingsOf(bad);
      assert.deepStrictEqual(spelt(findings), [...bad.finds].sort());
      for (const { problem, fix } of findings) assert.ok(problem !== "" && fix !== "");
    });
  }

  it("each have a mistake that breaks them", () => {
    const broken = new Set(badStacks().flatMap(({ finds }) => finds.map((find) => find.split(" ")[0])));
    assert.deepStrictEqual(
      checks.map(({ id }) => id).filter((id) => !broken.has(id)),
      [],
    );
  });

  it("are files named after their ids, all of them listed", () => {
    const folder = path.join(__dirname, "../../model/checks");
    const files = fs
      .readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter(
        (file) =>
          file.endsWith(".ts") && /id: "|unique\($/m.test(fs.readFileSync(path.join(folder, file), "utf8")),
      )
      .map((file) => file.replace(/\.ts$/, ""));
    // The subjects of model/cilium/agent are tables, each of which is one check.
    const tables = agentSubjects.map(({ id }) => id);
    assert.deepStrictEqual(checks.map(({ id }) => id).sort(), [...files, ...tables].sort());
  });
});
