import assert from "node:assert";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

// ts-node loads it as plain JavaScript, and so do we.
// eslint-disable-next-line @typescript-eslint/no-require-imports
const { create } = require("../../startup/transpiler.cjs") as {
  create: () => { transpile: (source: string, file: { fileName: string }) => { outputText: string } };
};

describe("the program's start", () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "metal-"));
  const write = (name: string, text: string) => fs.writeFileSync(path.join(folder, name), text);
  const entry = path.join(folder, "index.ts");
  const bundle = () => create().transpile("", { fileName: entry }).outputText;
  after(() => fs.rmSync(folder, { recursive: true }));

  it("takes one bundle of our files, follows every change of them, and leaves packages to Node", () => {
    write("part.ts", "export const words: string = 'first words';\n");
    write(
      "index.ts",
      'import { parse } from "yaml";\nimport { words } from "./part";\nexport = () => parse(words);\n',
    );
    const first = bundle();
    assert.match(first, /first words/);
    assert.match(first, /require\("yaml"\)/);
    assert.doesNotMatch(first, /require\("\.\/part"\)/);
    assert.strictEqual(bundle(), first);
    write("part.ts", "export const words: string = 'other words, and more of them';\n");
    assert.match(bundle(), /other words/);
  });

  it("says where a file that cannot be read is wrong", () => {
    write("index.ts", "export = (;\n");
    assert.throws(bundle, /index\.ts:1:10: ERROR/);
  });
});
