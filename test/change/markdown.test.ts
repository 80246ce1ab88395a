import assert from "node:assert/strict";
import { markdownParts, renderMarkdown } from "../../model/change/markdown";
import { code, escaped, fenced, table } from "../../model/change/markdown-text";
import { renderTerminal } from "../../model/change/terminal";
import { words } from "../../model/change/formatted-text";
import type { Finding } from "../../model/findings/finding";
import { type RawStack, stackWith } from "../model/stacks";
import { between, changeOf, side } from "./sides";

/** What somebody could write into a stack file to break the comment, or to call people. */
const hostile = [
  "`` ` ```",
  "a | b \\| c",
  "</details><img src=x onerror=alert(1)>",
  "@octocat and @org/team",
  "#1 GH-2 https://evil.example www.evil.example",
  "line\n\n# title\n```\nend",
  "**bold** _em_ [x](y) ![z](w) ~~s~~ <!-- c -->",
];

describe("text in a comment", () => {
  it("shows a value as code that nothing in it can end", () => {
    assert.equal(code("plain"), "`plain`");
    assert.equal(code("a ` b"), "`` a ` b ``");
    assert.equal(code("```"), "```` ``` ````");
    assert.equal(code("two\nlines"), "`two ⏎ lines`");
    assert.equal(code(""), "*empty*");
  });

  it("shortens a value that is too long, and says how long it was", () => {
    assert.match(code("x".repeat(400)), /^`x{100}… \(400 characters\)`$/);
    assert.equal(code("x".repeat(120)), `\`${"x".repeat(120)}\``);
  });

  it("shows a sentence without any markup, mention or link", () => {
    for (const text of [...hostile, "\u202Eright to left\u0007"]) {
      const shown = escaped(text);
      // eslint-disable-next-line no-control-regex
      assert.ok(!/[`|<>*_[\]\\]|@\w|(?<!&)#\d|https?:\/\/|www\.|GH-\d|[\n\u202e\u0007]/.test(shown), shown);
    }
    // As a reader of HTML decodes it.
    const decoded = escaped("a*b&#42;c #1 @d").replace(/&#(\d+);/g, (_entity, code: string) =>
      String.fromCodePoint(Number(code)),
    );
    assert.equal(decoded.replaceAll("\u2060", ""), "a*b&#42;c #1 @d");
    assert.match(escaped("a*b"), /^a&#42;b$/);
    assert.equal(escaped("plain text: 10.0.0.1/24, 50 %"), "plain text: 10.0.0.1/24, 50 %");
  });

  it("ends a block only where we end it", () => {
    const block = fenced(["+ ```", "+ ````", "+ x\n```"]);
    const fence = /^`+/.exec(block)?.[0] ?? "";
    assert.equal(block.split("\n").filter((line) => line.startsWith(fence)).length, 2);
    assert.ok(fence.length > 4);
  });

  it("ends a table's cell only where we end it", () => {
    const row = table(["a"], [[code("x | y")]]).split("\n")[2] ?? "";
    assert.equal(row, "| `x \\| y` |");
  });
});

describe("a sentence", () => {
  it("keeps its values apart from our text, also inside another sentence", () => {
    const inner = words`host ${"a`b"}`;
    const outer = words`${inner} of ${3} in ${"rack"}`;
    assert.equal(
      outer.text((value) => `<${value}>`),
      "host <a`b> of 3 in <rack>",
    );
    assert.equal(JSON.stringify({ outer }), '{"outer":"host a`b of 3 in rack"}');
  });
});

describe("the comment of a change", () => {
  const hostileChange = () => {
    const findings: Finding[] = hostile.map((text, i) => ({
      id: `a/b-${i}`,
      severity: "warning",
      at: text,
      problem: text,
      fix: text,
    }));
    const files = hostile.map((content, i) => ({ path: `/etc/${i}${content.replace(/\s/g, "")}`, content }));
    const change = (raw: RawStack) => {
      raw["machines"] = { files };
      raw["cilium"] = {
        ...(raw["cilium"] as object),
        values: Object.fromEntries(hostile.map((each, i) => [`k${i}${each}`, each])),
      };
    };
    const before = side(stackWith(), { rendered: false });
    const after = { ...side(stackWith(change), { rendered: false }), findings };
    return between(before, after, { notes: hostile.map((text) => words`note ${text}`) });
  };

  it("keeps its form whatever a stack file says", () => {
    const text = renderMarkdown(hostileChange());
    const outside = withoutCode(text);
    assert.equal(outside.match(/<details>/g)?.length, outside.match(/<\/details>/g)?.length);
    const tags = new Set(outside.match(/<\/?[a-z!-]+/g));
    assert.deepEqual([...tags].sort(), [
      "<!--",
      "</details",
      "</sub",
      "</summary",
      "<br",
      "<details",
      "<sub",
      "<summary",
    ]);
    assert.ok(!/@\w|\bGH-\d|#\d/.test(outside.replace(/&#\d+;/g, "")), outside);
    for (const row of text.split("\n").filter((line) => line.startsWith("| ---"))) {
      assert.match(row, /^(\| --- )+\|$/);
    }
  });

  it("has the same number of cells in each row of a table", () => {
    const cells = (line: string) => line.replaceAll("\\|", "").split("|").length;
    const lines = renderMarkdown(hostileChange()).split("\n");
    for (const [i, line] of lines.entries()) {
      if (!line.startsWith("| ---")) continue;
      for (let j = i - 1; lines[j]?.startsWith("|") === true; j += j < i ? 2 : 1) {
        assert.equal(cells(lines[j] ?? ""), cells(line), lines[j]);
      }
    }
  });

  it("begins with its marker, and is the same each time", () => {
    const change = changeOf((raw) => (raw["protect"] = false));
    const text = renderMarkdown(change);
    assert.match(text, /^<!-- metal-diff stack=capi-1 -->\n/);
    assert.equal(text, renderMarkdown(changeOf((raw) => (raw["protect"] = false))));
  });

  it("comes in pieces that are the whole", () => {
    const change = changeOf((raw) => (raw["protect"] = false));
    const { head, folds, foot } = markdownParts(change);
    assert.equal([head, ...folds.map(({ text }) => text), foot].join("\n\n") + "\n", renderMarkdown(change));
    assert.ok(
      folds.every(({ text }) => text.startsWith("<details><summary>") && text.endsWith("</details>")),
    );
  });
});

describe("a change on a terminal", () => {
  it("says the verdict first, and moves no cursor", () => {
    const change = changeOf(
      (raw) => (raw["machines"] = { files: [{ path: "/etc/motd", content: "\u001b[2J" }] }),
    );
    const text = renderTerminal(change);
    assert.match(text, /^capi-1: 4 machines are re-imaged.*\nhigh risk, compared with main\n/);
    assert.ok(!text.includes("\u001b"));
  });

  it("has colours only where they are asked for", () => {
    const change = changeOf((raw) => (raw["protect"] = false));
    assert.match(
      renderTerminal(change, (style, text) => `<${style}>${text}</>`),
      /^<warning>capi-1: Pulumi no longer refuses/,
    );
  });
});

/** The text without fenced blocks and code spans, where nothing means anything. */
function withoutCode(text: string): string {
  return text.replace(/^(`{3,})\w*\n[^]*?^\1$/gm, "").replace(/(`+)(?!`)[^\n]*?[^`\n]\1(?!`)/g, "");
}
