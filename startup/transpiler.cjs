"use strict";
// Pulumi starts the program through ts-node, which takes this for its compiler (tsconfig.json, "ts-node"). TypeScript's
// own transpiler costs 1 s in each preview and each update; esbuild's, kept per content, costs that once per change.
const { createHash } = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");

const cache = path.join(__dirname, "../node_modules/.cache/metal");
const identity = `${process.version} ${require("esbuild/package.json").version}`;

/** @param {string} source */
function keptAs(source, fileName) {
  const hash = createHash("sha256")
    .update(identity)
    .update("\0")
    .update(fileName)
    .update("\0")
    .update(source);
  return path.join(cache, `${hash.digest("hex").slice(0, 32)}.json`);
}

function transpile(source, { fileName }) {
  const kept = keptAs(source, fileName);
  try {
    return JSON.parse(fs.readFileSync(kept, "utf8"));
  } catch {
    // Not kept yet.
  }
  const { code, map } = require("esbuild").transformSync(source, {
    loader: "ts",
    format: "cjs",
    target: "node20",
    sourcefile: fileName,
    sourcemap: "external",
  });
  const output = { outputText: code, sourceMapText: map };
  keep(kept, output);
  return output;
}

/** A clone that cannot be written to still runs, only slower. */
function keep(file, output) {
  try {
    fs.mkdirSync(cache, { recursive: true });
    fs.writeFileSync(`${file}.${process.pid}`, JSON.stringify(output));
    // Two programs may start at once: whoever renames last leaves the same bytes.
    fs.renameSync(`${file}.${process.pid}`, file);
  } catch (error) {
    if (!["EACCES", "EROFS", "ENOSPC", "EPERM"].includes(error.code)) throw error;
  }
}

exports.create = () => ({ transpile });
