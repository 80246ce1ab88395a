import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { commentText, markedStack, markerOf } from "../../model/change/review/comment";
import {
  afterLine,
  blocksOf,
  commentBytes,
  fitted,
  nothingOpen,
  sizeOf,
} from "../../model/change/review/fit";
import { scrubbed } from "../../model/redaction/text";

const head = ["### a: 1 disruptive change", "", "| risk | what |", "|---|---|", "| red | x |", ""].join("\n");
const fold = (title: string, lines: number, line = "+ a line of a diff") =>
  [
    `<details><summary>${title}</summary>`,
    "",
    "```diff",
    ...Array<string>(lines).fill(line),
    "```",
    "</details>",
  ].join("\n");
const document = (...folds: string[]) => [head, ...folds].join("\n");
const whole = "The whole: there";

describe("the golden comments of a pull request", () => {
  const folder = path.join(__dirname, "../golden/pr");
  for (const file of fs.readdirSync(folder).filter((name) => name.endsWith(".md"))) {
    it(`${file}: nothing is taken for a secret, and nothing is cut or changed`, () => {
      const body = fs.readFileSync(path.join(folder, file), "utf8");
      const clean = scrubbed(body);
      assert.deepEqual([...clean.removed], []);
      const stack = markedStack(body) ?? "";
      const { text, cut } = commentText({ stack, body: clean.text, folds: [], secretsRemoved: 0 });
      assert.deepEqual(cut, []);
      assert.equal(text, body);
    });
  }
});

describe("a comment that is too long", () => {
  it("stays as it is when it is not", () => {
    const text = document(fold("Cilium", 3));
    assert.deepEqual(fitted(text, whole), { text, cut: [] });
  });

  it("keeps the head and the first folds, and names what it leaves out", () => {
    const text = document(fold("Cilium", 20), fold("Router edge1", 30), fold("preview", 400));
    assert.deepEqual(fitted(text, whole, 2000), {
      text: document(
        fold("Cilium", 20),
        fold("Router edge1", 30),
        "",
        "> **Too long for a comment; left out here:**",
        "> - preview (405 lines)",
        ">",
        "> The whole: there",
      ),
      cut: ["preview (405 lines)"],
    });
  });

  it("leaves out one fold that is too long and keeps those behind it", () => {
    const { text, cut } = fitted(document(fold("Cilium", 4000), fold("Router edge1", 5)), whole, 2000);
    assert.deepEqual(cut, ["Cilium (4005 lines)"]);
    assert.match(text, /Router edge1/);
  });

  it("does not take a heading or a fold inside a fence for one", () => {
    const text = document(fold("one", 3, "# no heading </details> <details>"), "## Two", "text");
    assert.deepEqual(
      blocksOf(text).map(({ title }) => title),
      [undefined, "one", "Two"],
    );
  });

  it("keeps folds within a fold together", () => {
    const outer = ["<details><summary>outer</summary>", fold("inner", 2), "</details>"].join("\n");
    assert.deepEqual(
      blocksOf(document(outer, fold("next", 1))).map(({ title }) => title),
      [undefined, "outer", "next"],
    );
  });

  it("cuts an overview that alone is too long at a line, and closes what is open", () => {
    const rows = Array.from({ length: 500 }, (_, i) => `| row ${i} | x |`).join("\n");
    const { text, cut } = fitted(`${head}${rows}\n${fold("Cilium", 5)}`, whole, 3000);
    assert.equal(cut[0], "the rest of this overview");
    assert.match(text, /\n\| row \d+ \| x \|\n\n> \*\*Too long/);
    const fenced = fitted(`${head}\`\`\`text\n${"x\n".repeat(5000)}`, whole, 3000).text;
    assert.match(fenced, /\nx\n```\n\n> \*\*Too long/);
  });

  it("names no more than twenty of what it leaves out", () => {
    const folds = Array.from({ length: 40 }, (_, i) => fold(`part ${i}`, 200));
    const { text, cut } = fitted(document(...folds), whole, 2000);
    assert.equal(cut.length, 40);
    assert.match(text, /part 19 .*\n> - and 20 more\n/);
  });

  it("is within the size, balanced, marked and honest, whatever it is made of", () => {
    const line = fc.constantFrom(
      "text",
      "## heading",
      "<details><summary>s</summary>",
      "</details>",
      "```",
      "````text",
      "~~~",
      "ü".repeat(300),
      "x".repeat(5000),
      "",
    );
    const title = fc.string({ maxLength: 300, unit: "binary" });
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 200 }),
        fc.array(
          fc.record({ title, text: fc.array(line, { maxLength: 60 }).map((lines) => lines.join("\n")) }),
          { maxLength: 6 },
        ),
        (lines, folds) => {
          const parts = {
            stack: "a",
            body: lines.join("\n"),
            folds,
            secretsRemoved: 0,
            artifactUrl: "https://x.example/1",
          };
          const { text, cut } = commentText(parts);
          assert.ok(sizeOf(text) <= commentBytes);
          assert.equal(text.split("\n")[0], markerOf("a"));
          assert.equal(cut.length > 0, /^> \*\*Too long for a comment/m.test(text));
          if (cut.length > 0) {
            const end = text.split("\n").reduce(afterLine, nothingOpen);
            // What was open in the original may stay open in a part that was kept whole, but never for our own note.
            const before = lines.reduce(afterLine, nothingOpen);
            if (before.fence === undefined && before.folds === 0) assert.deepEqual(end, nothingOpen);
          }
        },
      ),
      { numRuns: 100 },
    );
  }).timeout(60_000);
});
