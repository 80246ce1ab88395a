import assert from "node:assert";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

// ts-node loads them as plain JavaScript, and so do we.
/* eslint-disable @typescript-eslint/no-require-imports */
const { create } = require("../../startup/transpiler.cjs") as {
  create: () => { transpile: (source: string, file: { fileName: string }) => { outputText: string } };
};
const { run } = require("../../startup/bundle.cjs") as { run: (entry: string, cache: string) => unknown };
/* eslint-enable @typescript-eslint/no-require-imports */

describe("the program's start", () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "metal-"));
  const write = (name: string, text: string) => fs.writeFileSync(path.join(folder, name), text);
  const entry = path.join(folder, "index.ts");
  const program = () => run(entry, path.join(folder, "cache")) as () => string;
  const { prepareStackTrace } = Error;
  afterEach(() => (Error.prepareStackTrace = prepareStackTrace));
  after(() => fs.rmSync(folder, { recursive: true }));

  it("runs a bundle in place of the program", () => {
    const { outputText } = create().transpile("", { fileName: entry });
    assert.match(outputText, /^module\.exports = require\("[^"]+bundle\.cjs"\)\.run\("[^"]+index\.ts"\);$/m);
  });

  it("takes one bundle of our files and packages, and follows every change of our files", () => {
    write("part.ts", 'export const words: string = "first words";\n');
    const imports = 'import { stringify } from "yaml";\nimport { words } from "./part";\n';
    write("index.ts", `${imports}export = () => stringify(words).trim();\n`);
    assert.strictEqual(program()(), "first words");
    assert.strictEqual(program()(), "first words");
    write("part.ts", 'export const words: string = "other words, and more of them";\n');
    assert.strictEqual(program()(), "other words, and more of them");
  });

  it("says where a file that cannot be read is wrong", () => {
    write("index.ts", "export = (;\n");
    assert.throws(program, /index\.ts:1:10: ERROR/);
  });

  it("names our own files in stack traces", () => {
    write("part.ts", "// one line above\nexport function fails(): never {\n  throw new Error('so');\n}\n");
    write("index.ts", 'import { fails } from "./part";\nexport = () => fails();\n');
    const isMapped = ({ stack = "" }: Error) =>
      stack.startsWith("Error: so\n    at fails (") && stack.includes(`${path.join(folder, "part.ts")}:3:9`);
    assert.throws(program(), isMapped);
  });
});
