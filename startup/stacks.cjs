"use strict";
// Pulumi takes a stack trace for every resource, and ts-node would map each frame of it: 5 ms a resource. Here only frames
// of the bundle are mapped, each place once.
const { SourceMap } = require("node:module");
const path = require("node:path");

/** From now on stack traces name the sources of a bundle; `readMap` gives its source map, sources relative to it, or nothing. */
exports.mapStacks = (bundle, readMap) => {
  let sources;
  const places = new Map();
  const placeOf = (line, column) => {
    const key = `${line}:${column}`;
    if (!places.has(key)) {
      sources ??= new SourceMap(
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
};
