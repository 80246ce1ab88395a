import assert from "node:assert";
import { agentSubjects } from "../../model/cilium/agent/subjects";
import { checks } from "../../model/checks";
import { formRules } from "../../model/stack/form-rules";
import examples from "../../ops/docs/examples.json";
import { badStacks, findingsOf, findingsOfRaw, goodStackNames, rawGoodStack } from "./fixtures";
import { idsIn } from "./ids";
import { rawCapi1 } from "./stacks";

const isForm = (id: string) => formRules.some((rule) => rule.id === id);

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

  it("are all registered, each once", () => {
    // The subjects of model/cilium/agent are tables, each of which is one check.
    const tables = agentSubjects.map(({ id }) => id);
    // The findings of model/checks/accept.ts are about acceptances and belong to no check.
    const ids = idsIn("model/checks").filter((id) => !id.startsWith("accept/"));
    assert.deepStrictEqual(checks.map(({ id }) => id).sort(), [...ids, ...tables].sort());
    assert.strictEqual(new Set(checks.map(({ id }) => id)).size, checks.length);
  });

  it("keep their ids, which stack files accept and people search for", () => {
    assert.deepStrictEqual(
      Object.keys(examples)
        .filter((id) => !isForm(id))
        .sort(),
      checks.map(({ id }) => id).sort(),
    );
  });

  it("each have a summary of one sentence", () => {
    for (const { id, summary, why } of checks) {
      assert.match(summary, /^[A-Za-z][^\n]{10,130}\.$/, id);
      assert.doesNotMatch(why, /\.$/, id);
    }
  });
});
