"use strict";
// `npm run metal -- <command>` as one bundle (bundle.cjs): transpiled file by file, its start costs more than most commands.
const path = require("node:path");
const { run } = require("./bundle.cjs");

run(path.join(__dirname, "../ops/commands/process.ts"));
