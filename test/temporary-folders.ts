import fs from "node:fs";
import os from "node:os";
import path from "node:path";

/**
 * Puts every temporary folder of a test run, also those of its child processes, into one, which is removed when the run ends.
 * Mocha calls this in its main process, before it starts the workers (`require` of .mocharc.json).
 */
export function mochaGlobalSetup(): void {
  const usual = os.tmpdir();
  const folder = fs.mkdtempSync(path.join(usual, "metal-tests-"));
  // tsx keeps what it has transpiled below the folder of temporary files; the next run needs that.
  const cache = `tsx-${os.userInfo().uid}`;
  fs.mkdirSync(path.join(usual, cache), { recursive: true });
  fs.symlinkSync(path.join(usual, cache), path.join(folder, cache));
  process.env["TMPDIR"] = folder;
  process.once("exit", () => fs.rmSync(folder, { recursive: true, force: true }));
}
