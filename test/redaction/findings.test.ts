import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";

const root = path.join(__dirname, "../..");
const text = fs.readFileSync(path.join(root, "docs/decisions/attack-findings.md"), "utf8");
const rows = [...text.matchAll(/^\| ([HML]\d+) \|(.*)\|$/gm)].map(([, id = "", rest = ""]) => ({
  id,
  heldBy: rest.split("|").at(-1) ?? "",
}));

describe("the findings of the attack", () => {
  it("have one row each", () => {
    const counted = { H: 3, M: 13, L: 11 };
    const ids = Object.entries(counted).flatMap(([severity, count]) =>
      Array.from({ length: count }, (_, i) => `${severity}${i + 1}`),
    );
    assert.deepEqual(
      rows.map(({ id }) => id),
      ids,
    );
  });

  for (const { id, heldBy } of rows) {
    it(`${id} names tests that there are`, () => {
      const named = heldBy.split(";").map((part) => /`(test\/[\w./-]+)`(.*)/.exec(part));
      assert.ok(named.length > 0);
      for (const found of named) {
        const [, file = "", titles = ""] = found ?? [];
        const content = fs.readFileSync(path.join(root, file), "utf8");
        for (const [, title = ""] of titles.matchAll(/"([^"]+)"/g))
          assert.ok(content.includes(title), `${file} has no test "${title}"`);
        assert.ok(file.endsWith(".yaml") || titles.includes('"'), `${file}: no title`);
      }
    });
  }
});
