"use strict";
// The program as one bundle, made by esbuild and kept until one of its files changes, with V8's compiled form beside it.
// Outside stay the packages that the program shares with its host, and one that is large and seldom needed.
const { createHash } = require("node:crypto");
const fs = require("node:fs");
const Module = require("node:module");
const path = require("node:path");
const { Script } = require("node:vm");

const root = path.join(__dirname, "..");

/** Runs the bundle that begins with a file, and returns what that file exports. */
exports.run = (entry, cache = path.join(root, "node_modules/.cache/metal")) => {
  const name = createHash("sha256").update(entry).digest("hex").slice(0, 32);
  const file = path.join(cache, name);
  const { text, hash } = kept(file) ?? build(entry, file);
  mapStacks(file, () => read(`${file}.map`));
  // V8 compares no more than the length of a text with that of what it has compiled.
  const mark = Buffer.from(hash);
  const known = read(`${file}.v8`);
  const compiled = known?.subarray(0, mark.length).equals(mark) ? known.subarray(mark.length) : undefined;
  const script = new Script(Module.wrap(text), { filename: file, cachedData: compiled });
  // Only at the end is everything compiled that a run needs.
  if (compiled === undefined || script.cachedDataRejected) {
    process.once("exit", () => keep(`${file}.v8`, Buffer.concat([mark, script.createCachedData()])));
  }
  const module = { exports: {} };
  const wrapped = script.runInThisContext();
  wrapped(module.exports, Module.createRequire(entry), module, entry, path.dirname(entry));
  return module.exports;
};

function build(entry, file) {
  const { outputFiles, metafile } = require("esbuild").buildSync({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile: `${file}.js`,
    write: false,
    bundle: true,
    metafile: true,
    external: ["@pulumi/*", "@kubernetes/client-node"],
    // A script that is no module of Node has no `import()`; `require` knows the same packages.
    supported: { "dynamic-import": false },
    nodePaths: [path.join(root, "node_modules")],
    platform: "node",
    format: "cjs",
    target: "node20",
    sourcemap: "external",
    sourcesContent: false,
    legalComments: "none",
    logLevel: "silent",
  });
  const output = (ending) => outputFiles.filter((each) => each.path.endsWith(ending))[0]?.text ?? "";
  // What npm has installed changes with the lock file.
  const ours = Object.keys(metafile.inputs).filter((input) => !input.includes("node_modules/"));
  const inputs = [...ours, "package-lock.json", "tsconfig.json", "startup/bundle.cjs"];
  const text = output(".js");
  const bundle = {
    identity: process.version,
    inputs: inputs.map((input) => [input, stamp(input)]),
    hash: createHash("sha256").update(text).digest("hex"),
    text,
  };
  keep(`${file}.map`, output(".map"));
  keep(`${file}.json`, JSON.stringify(bundle));
  return bundle;
}

/** What was built, unless something it was built from has changed. */
function kept(file) {
  try {
    const bundle = JSON.parse(read(`${file}.json`)?.toString() ?? "null");
    const same = bundle?.identity === process.version;
    return same && bundle.inputs.every(([input, before]) => stamp(input) === before) ? bundle : undefined;
  } catch {
    // One of its files is gone, or it was cut off.
    return undefined;
  }
}

/** What changes with every change of a file. */
function stamp(input) {
  const { mtimeMs, size } = fs.statSync(path.join(root, input));
  return `${mtimeMs} ${size}`;
}

function read(file) {
  return fs.existsSync(file) ? fs.readFileSync(file) : undefined;
}

/** A clone that cannot be written to still runs, only slower. */
function keep(file, content) {
  try {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(`${file}.${process.pid}`, content);
    // Two programs may start at once: the last rename leaves the same bytes.
    fs.renameSync(`${file}.${process.pid}`, file);
  } catch (/** @type {any} */ error) {
    if (!["EACCES", "EROFS", "ENOSPC", "EPERM"].includes(error.code)) throw error;
  }
}

// Pulumi takes a stack trace for every resource, and ts-node would map each frame of it: 5 ms a resource. Here only frames
// of the bundle are mapped, each place once.
/** From now on stack traces name the sources of a bundle; `readMap` gives its source map, sources relative to it, or nothing. */
function mapStacks(bundle, readMap) {
  let sources;
  const places = new Map();
  const placeOf = (line, column) => {
    const key = `${line}:${column}`;
    if (!places.has(key)) {
      sources ??= new Module.SourceMap(
        JSON.parse(readMap() ?? '{"version":3,"sources":[],"names":[],"mappings":""}'),
      );
      const { originalSource, originalLine, originalColumn } = sources.findEntry(line - 1, column - 1);
      const found = originalSource !== undefined;
      const file = found && path.resolve(path.dirname(bundle), originalSource);
      places.set(key, found ? `${file}:${originalLine + 1}:${originalColumn + 1}` : `${bundle}:${key}`);
    }
    return places.get(key);
  };
  const frameText = (frame) => {
    if (frame.getFileName() !== bundle) return String(frame);
    const name = frame.getFunctionName();
    const place = placeOf(frame.getLineNumber(), frame.getColumnNumber());
    return name === null ? place : `${name} (${place})`;
  };
  Error.prepareStackTrace = (error, frames) =>
    [Error.prototype.toString.call(error), ...frames.map(frameText)].join("\n    at ");
}
