import assert from "node:assert/strict";
import { templateParts } from "../../model/checks/machines/templates";
import { findingsOfRaw } from "./fixtures";
import { rawCapi1 } from "./stacks";

/** A text, and its parts without those of plain text that are empty. */
const texts: readonly (readonly [text: string, ...parts: readonly string[]])[] = [
  [""],
  ["a", "text a"],
  ["a {{ b }} c", "text a ", "expression {{ b }}", "text  c"],
  ["{% if a %}b{% endif %}", "statement {% if a %}", "text b", "statement {% endif %}"],
  ["a{% raw %}{{ b }}{% c %}{% endraw %}d", "text a", "raw {{ b }}{% c %}", "text d"],
  ["{%- raw -%}a{%- endraw -%}{%+ raw %}b{% endraw +%}", "raw a", "raw b"],
  ["{%raw%}a\n{% raw %}{%endraw%}{% endraw %}", "raw a\n{% raw %}", "statement {% endraw %}"],
  // Only the first of two opens, and what is inside of an expression is no raw block.
  ["{{ '{% raw %}' }}a{% endraw %}", "expression {{ '{% raw %}' }}", "text a", "statement {% endraw %}"],
  ["{% raw %}a{{ b }}", "statement {% raw %}", "text a", "expression {{ b }}"],
  ["{{ a {% raw %}b{% endraw %}", "text {{ a ", "raw b"],
  ["{% a {{ b }}", "text {% a ", "expression {{ b }}"],
  ["{% raw", "text {% raw"],
];

/** What opens parts of a text, and never closes them, or not all. */
const unclosed = ["{%raw%}", "{% raw %}a{{", "{%", "{% raw", "{{", "{%raw%}}}", "{%    "];

describe("template expressions of cloud-init", () => {
  for (const [text, ...parts] of texts)
    it(`are taken apart: ${JSON.stringify(text)}`, () => {
      const found = templateParts(text).map((part) => `${part.kind} ${part.text}`);
      assert.deepEqual(
        found.filter((part) => part !== "text "),
        parts,
      );
    });

  // No count of calls shows what a regular expression does: where each opening looks for its end, these take minutes.
  for (const unit of unclosed)
    it(`are taken apart in proportion to the text where it consists of ${unit}`, () => {
      const text = unit.repeat(Math.ceil(2_000_000 / unit.length));
      const joined = templateParts(text).map((part) => part.text);
      assert.equal(joined.join(""), text);
    }).timeout(5_000);

  it("that are never closed are refused in a long command", () => {
    const raw = { ...rawCapi1(), machines: { preKubeadmCommands: ["{%raw%}".repeat(60_000)] } };
    const found = findingsOfRaw(raw, "capi-1").filter(({ severity }) => severity === "error");
    assert.deepEqual(
      found.map(({ id, at }) => `${id} ${at}`),
      ["machines/templates-escaped machines.preKubeadmCommands[0]"],
    );
  }).timeout(5_000);
});
