import assert from "node:assert";
import { execFileSync, spawnSync } from "node:child_process";
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

  it("takes what V8 has compiled only of the same text, not of any of the same length", () => {
    const bundle = path.join(__dirname, "../../startup/bundle.cjs");
    const script = `console.log(require(${JSON.stringify(bundle)}).run(${JSON.stringify(entry)}, ${JSON.stringify(path.join(folder, "compiled"))})())`;
    const printed = () => execFileSync(process.execPath, ["-e", script], { encoding: "utf8" }).trim();
    const compiled = () =>
      fs.readdirSync(path.join(folder, "compiled")).filter((name) => name.endsWith(".v8"));
    const source = (word: string) => {
      write("index.ts", `function said() { return "${word}"; }\nexport = () => said();\n`);
      // A time of its own, however fast the test is.
      fs.utimesSync(entry, new Date(), new Date(Date.now() + 10_000 * word.charCodeAt(0)));
    };
    source("one");
    assert.strictEqual(printed(), "one");
    assert.strictEqual(compiled().length, 1);
    assert.strictEqual(printed(), "one");
    source("two");
    assert.strictEqual(printed(), "two");
    assert.strictEqual(printed(), "two");
  });

  it("loads packages outside the bundle only when they are needed", async () => {
    fs.mkdirSync(path.join(folder, "node_modules/@kubernetes/client-node"), { recursive: true });
    write("node_modules/@kubernetes/client-node/index.js", "exports.KubeConfig = class KubeConfig {};\n");
    write("index.ts", 'export = async () => (await import("@kubernetes/client-node")).KubeConfig.name;\n');
    assert.strictEqual(await program()(), "KubeConfig");
  });

  it("runs the commands from one bundle, with or without tsx", () => {
    const root = path.join(__dirname, "../..");
    const said = [["startup/metal.cjs"], ["--import", "tsx", "startup/metal.cjs"]].map((start) => {
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        [...start, "check", "--stack", "capi-1", "--format", "short"],
        { cwd: root, encoding: "utf8" },
      );
      return { status, stdout, stderr };
    });
    const stdout = "capi-1: 0 errors, 0 warnings in";
    for (const each of said) {
      assert.deepStrictEqual(
        { ...each, stdout: each.stdout.slice(0, stdout.length) },
        { status: 0, stdout, stderr: "" },
      );
    }
    assert.deepStrictEqual(said[0], said[1]);
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
