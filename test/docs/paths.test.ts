import assert from "node:assert/strict";
import childProcess from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import manifest from "../../package.json";

const root = path.join(__dirname, "../..");
const listed = childProcess.execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
  cwd: root,
  encoding: "utf8",
});
const files = listed.split("\n").filter((file) => file !== "" && fs.existsSync(path.join(root, file)));
const folders = new Set(files.flatMap((file) => file.split("/").slice(0, 1)));
const names = new Set(files.map((file) => path.basename(file)));

const documents = files.filter((file) => /^(README|CONTRIBUTING|SECURITY|docs\/[\w-]+)\.md$/.test(file));

/** The words in backticks that look like a file or folder of the repository. */
function pathsIn(text: string): readonly string[] {
  return [...text.matchAll(/`([^`\n]+)`/g)]
    .flatMap(([, code = ""]) => code.split(/\s+/))
    .map((word) => word.replace(/[,;:.]+$/, ""))
    .filter((word) => /^[\w.@/-]+$/.test(word))
    .filter((word) =>
      word.includes("/") ? folders.has(word.split("/")[0] ?? "") : /\w\.[cm]?ts$/.test(word),
    );
}

const isThere = (name: string) =>
  name.includes("/") ? fs.existsSync(path.join(root, name)) : names.has(name);

describe("the documents", () => {
  for (const document of documents) {
    const text = fs.readFileSync(path.join(root, document), "utf8");

    it(`name files and folders that exist (${document})`, () => {
      assert.deepEqual(
        pathsIn(text).filter((name) => !isThere(name)),
        [],
      );
    });

    it(`name scripts of package.json (${document})`, () => {
      const named = [...text.matchAll(/npm run (?:--silent |-s )?([a-z][\w:]*)/g)].map(
        ([, name = ""]) => name,
      );
      assert.deepEqual(
        named.filter((name) => !(name in manifest.scripts)),
        [],
      );
    });
  }

  it("are found, with paths in them", () => {
    assert.ok(documents.includes("CONTRIBUTING.md") && documents.includes("docs/architecture.md"));
    const contributing = fs.readFileSync(path.join(root, "CONTRIBUTING.md"), "utf8");
    assert.ok(pathsIn(contributing).length > 40);
  });
});
