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
    for (const { id } of checks) {
      const folder = `test/fixtures/bad/${id.split("/")[0] ?? ""}/`;
      assert.ok(broken.has(id), `${id}: add a file to ${folder} that finds it, see test/fixtures/README.md`);
    }
  });

  it("are all registered, each once", () => {
    // The subjects of model/cilium/agent are tables, each of which is one check.
    const tables = agentSubjects.map(({ id }) => id);
    // The findings of model/checks/accept.ts are about acceptances and belong to no check.
    const ids = [...idsIn("model/checks").filter((id) => !id.startsWith("accept/")), ...tables];
    const registered = checks.map(({ id }) => id);
    for (const id of ids) {
      assert.ok(
        registered.includes(id),
        `${id}: add the check to the array of its file, and the array to model/checks/index.ts`,
      );
    }
    assert.deepStrictEqual([...registered].sort(), ids.sort());
    assert.strictEqual(new Set(registered).size, registered.length);
  });

  it("keep their ids, which stack files accept and people search for", () => {
    const recorded = Object.keys(examples).filter((id) => !isForm(id));
    const ids = checks.map(({ id }) => id);
    for (const id of recorded) {
      assert.ok(ids.includes(id), `${id} is recorded in ops/docs/examples.json: an id is never renamed`);
    }
    for (const id of ids) {
      assert.ok(
        recorded.includes(id),
        `${id}: run npm run golden, which records its example in ops/docs/examples.json`,
      );
    }
  });

  it("each have a summary of one sentence", () => {
    for (const { id, summary, why } of checks) {
      assert.match(summary, /^[A-Za-z][^\n]{10,130}\.$/, id);
      assert.doesNotMatch(why, /\.$/, id);
    }
  });
});
