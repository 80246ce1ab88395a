import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";

const root = path.join(__dirname, "../..");
const folder = path.join(root, "docs/decisions");
const documents = fs.readdirSync(folder).filter((name) => /^real-.*-findings\.md$/.test(name));

/** The cells of a table's rows: finding, what was done, test, how it was seen. */
function rowsOf(document: string): readonly (readonly string[])[] {
  return fs
    .readFileSync(path.join(folder, document), "utf8")
    .split("\n")
    .filter((line) => line.startsWith("| "))
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
    .filter(([first]) => !["finding", "finding or case", "difference"].includes(first ?? ""));
}

/** A file or folder of the repository, or with a star some of them. */
function filesOf(name: string): readonly string[] {
  const [directory, base] = [path.dirname(name), path.basename(name)];
  if (!base.includes("*")) return fs.existsSync(path.join(root, name)) ? [name] : [];
  const [start = "", end = ""] = base.split("*");
  return fs
    .readdirSync(path.join(root, directory))
    .filter((each) => each.startsWith(start) && each.endsWith(end));
}

/** What stands in quotes behind a file, as part of a test's title in it. */
const titled = /`(test\/[^`]+)` \("([^"]+)"\)/g;

describe("findings against the real controllers, machines and agents", () => {
  it("are in three documents", () => assert.equal(documents.length, 3));

  for (const document of documents) {
    it(`each say what was done, what holds it and how it was seen (${document})`, () => {
      for (const row of rowsOf(document)) {
        assert.equal(row.length, 4, row.join(" | "));
        assert.ok(
          row.every((cell) => cell !== ""),
          row.join(" | "),
        );
      }
    });

    it(`name tests that are there (${document})`, () => {
      for (const [finding = "", , tests = ""] of rowsOf(document)) {
        const named = [...tests.matchAll(/`(test\/[^`]+)`/g)].map(([, name = ""]) => name);
        const missing = named.filter((name) => filesOf(name).length === 0);
        assert.deepEqual(missing, [], finding);
        for (const [, name = "", title = ""] of tests.matchAll(titled))
          assert.ok(fs.readFileSync(path.join(root, name), "utf8").includes(title), `${name}: "${title}"`);
      }
    });
  }
});
