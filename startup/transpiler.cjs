"use strict";
// Pulumi starts the program through ts-node, which takes this for its compiler (tsconfig.json, "ts-node"). The program is
// some hundred small files: transpiled by TypeScript they cost seconds in each preview and each update. So index.ts comes
// out as one bundle with everything of ours in it, made by esbuild and kept until a file changes.
const { createHash } = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");

const root = path.join(__dirname, "..");
const cache = path.join(root, "node_modules/.cache/metal");

/** `{outputText, sourceMapText}` of the bundle that begins with a file. Packages are left out: Node finds them. */
function transpile(_source, { fileName }) {
  const kept = path.join(cache, `${createHash("sha256").update(fileName).digest("hex").slice(0, 32)}.json`);
  const known = read(kept);
  if (known !== undefined) return known;
  const { outputFiles, metafile } = require("esbuild").buildSync({
    absWorkingDir: root,
    entryPoints: [fileName],
    outfile: "program.js",
    write: false,
    bundle: true,
    metafile: true,
    packages: "external",
    platform: "node",
    format: "cjs",
    target: "node20",
    sourcemap: "external",
    sourcesContent: false,
    logLevel: "silent",
  });
  const text = (ending) => outputFiles.find((file) => file.path.endsWith(ending)).text;
  const output = { outputText: text(".js"), sourceMapText: text(".map") };
  const inputs = [
    ...Object.keys(metafile.inputs),
    "package-lock.json",
    "tsconfig.json",
    "startup/transpiler.cjs",
  ];
  keep(kept, { identity: process.version, inputs: inputs.map((input) => [input, stamp(input)]), output });
  return output;
}

/** What changes with every change of a file. */
function stamp(input) {
  const { mtimeMs, size } = fs.statSync(path.join(root, input));
  return `${mtimeMs} ${size}`;
}

function read(kept) {
  try {
    const { identity, inputs, output } = JSON.parse(fs.readFileSync(kept, "utf8"));
    const same = identity === process.version && inputs.every(([input, before]) => stamp(input) === before);
    return same ? output : undefined;
  } catch {
    // Not kept yet, or one of its files is gone.
    return undefined;
  }
}

/** A clone that cannot be written to still runs, only slower. */
function keep(file, content) {
  try {
    fs.mkdirSync(cache, { recursive: true });
    fs.writeFileSync(`${file}.${process.pid}`, JSON.stringify(content));
    // Two programs may start at once: whoever renames last leaves the same bytes.
    fs.renameSync(`${file}.${process.pid}`, file);
  } catch (error) {
    if (!["EACCES", "EROFS", "ENOSPC", "EPERM"].includes(error.code)) throw error;
  }
}

exports.create = () => ({ transpile });
