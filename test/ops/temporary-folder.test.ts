import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { bundled } from "../program/bundled";
import { commandOnPath } from "./stub-command";

const root = path.join(__dirname, "../..");

describe("the temporary kubeconfig of a Cilium CLI", () => {
  let folder: string;
  const temporary = () => path.join(folder, "o'brien $(touch X) ü");
  /** Apart from the cache of tsx. */
  const left = () => fs.readdirSync(temporary()).filter((name) => name.startsWith("metal-"));
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "metal-test-"));
    fs.mkdirSync(temporary());
  });
  afterEach(() => fs.rmSync(folder, { recursive: true }));

  const start = (script: string): ChildProcess =>
    spawn(process.execPath, bundled(path.join(__dirname, "run-cilium-program.ts")), {
      cwd: root,
      env: { ...commandOnPath("cilium", script), TMPDIR: temporary(), OUT: folder },
      stdio: "ignore",
    });
  const end = (child: ChildProcess) => new Promise<unknown>((resolve) => child.once("close", resolve));
  /** Like the CLI: ends at an interrupt, and would run on without one. */
  const runsOn = `trap 'touch "$OUT/interrupted"; kill $!; exit 1' INT
stat -c %a "$KUBECONFIG" >"$OUT/mode"; sleep 20 >/dev/null 2>&1 & echo $! >"$OUT/sleeping"; touch "$OUT/started"; wait`;
  const started = async () => {
    while (!fs.existsSync(path.join(folder, "started"))) await sleep(20);
  };

  for (const signal of ["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM"] as const) {
    it(`is removed after ${signal}, once the CLI was interrupted`, async () => {
      const child = start(runsOn);
      const ended = end(child);
      await started();
      assert.equal(left().length, 1);
      child.kill(signal);
      assert.equal(await ended, 2);
      assert.deepEqual(left(), []);
      assert.ok(fs.existsSync(path.join(folder, "interrupted")));
      assert.equal(fs.readFileSync(path.join(folder, "mode"), "utf8").trim(), "600");
    });
  }

  it("is removed by the next run after SIGKILL, and that of a running process stays", async () => {
    const child = start(runsOn);
    const ended = end(child);
    await started();
    child.kill("SIGKILL");
    await ended;
    process.kill(Number(fs.readFileSync(path.join(folder, "sleeping"), "utf8")));
    assert.equal(left().length, 1);
    const running = `metal-run-${process.pid}-abcdef`;
    fs.mkdirSync(path.join(temporary(), running));
    assert.equal(await end(start(`grep -q PRIVATE-KUBECONFIG "$KUBECONFIG"`)), 0);
    assert.deepEqual(left(), [running]);
  });
});
