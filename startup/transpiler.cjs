"use strict";
// Pulumi starts the program through ts-node, which takes this for its compiler (tsconfig.json, "ts-node"). The program is
// some hundred small files: transpiled by TypeScript they cost seconds in each preview and each update. So index.ts comes
// out as one line that runs a bundle of everything (bundle.cjs).
const path = require("node:path");

/** `{outputText, sourceMapText}` of what runs the bundle that begins with a file. */
function transpile(_source, { fileName }) {
  const bundle = JSON.stringify(path.join(__dirname, "bundle.cjs"));
  const outputText = `module.exports = require(${bundle}).run(${JSON.stringify(fileName)});\n`;
  return { outputText, sourceMapText: '{"version":3,"sources":[],"mappings":""}' };
}

exports.create = () => ({ transpile });
