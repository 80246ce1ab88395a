import assert from "node:assert";
import fs from "node:fs";
import path from "node:path";
import { stringify } from "yaml";
import { checks } from "../../model/checks";
import { formRules } from "../../model/stack/form-rules";
import type { Example } from "../../ops/docs/check-pages";
import { type BadStack, badStacks, findingsOf } from "../model/fixtures";

const file = path.join(__dirname, "../../ops/docs/examples.json");

/** One example for each id: of the fixtures that find it, the one with the fewest findings. */
function examples(): Readonly<Record<string, Example>> {
  const fixtures = [...badStacks()].sort((a, b) => a.finds.length - b.finds.length);
  const found = new Map<string, Example>();
  for (const fixture of fixtures) {
    for (const { id, problem, fix } of findingsOf(fixture)) {
      if (found.has(id)) continue;
      found.set(id, { mistake: fixture.mistake, written: writtenText(fixture), problem, fix });
    }
  }
  return Object.fromEntries([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function writtenText({ change = {}, stack }: BadStack): string {
  const lines = Object.entries(change).map(([at, value]) =>
    value === null
      ? `${at}: (left out)`
      : `${at}: ${stringify(value, { collectionStyle: "flow", lineWidth: 0 }).trim()}`,
  );
  return [...(stack === undefined ? [] : [`the stack is named ${stack}`]), ...lines].join("\n");
}

describe("the examples of explain", () => {
  const actual = examples();

  it("are what the fixtures give (npm run golden records them)", () => {
    const text = `${JSON.stringify(actual, undefined, 2)}\n`;
    if (process.env["METAL_WRITE_GOLDEN"] === "1") fs.writeFileSync(file, text);
    else assert.strictEqual(fs.readFileSync(file, "utf8"), text);
  });

  it("exist for every check, and for ids of checks and of the form only", () => {
    const known = [...checks, ...formRules].map(({ id }) => id);
    assert.deepStrictEqual(
      Object.keys(actual).filter((id) => !known.includes(id)),
      [],
    );
    assert.deepStrictEqual(
      checks.map(({ id }) => id).filter((id) => actual[id] === undefined),
      [],
    );
  });
});
