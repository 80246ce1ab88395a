import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { namespaceFlags } from "../../lab/namespace/enter";
import { until } from "../../lab/processes/probes";

/** Whether this machine allows namespaces at all; the reason when it does not. */
function refusal(): string | undefined {
  try {
    namespaceFlags();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function sleepers(seconds: string): readonly string[] {
  return fs.readdirSync("/proc").filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return (
        fs.readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").slice(0, 2).join(" ") ===
        `sleep ${seconds}`
      );
    } catch {
      // It ended while we looked.
      return false;
    }
  });
}

const refused = refusal();

describe(`the lab's namespace${refused === undefined ? "" : ` (skipped: ${refused})`}`, () => {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), "lab-namespace-"));
  after(() => fs.rmSync(directory, { recursive: true }));

  const start = async (seconds: string): Promise<ChildProcess> => {
    const program = path.join(__dirname, "namespace-program.ts");
    const outer = spawn(process.execPath, ["--import", "tsx", program, directory, seconds], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await new Promise((resolve) => outer.stdout.once("data", resolve));
    await until("both processes run", () => Promise.resolve(sleepers(seconds).length === 2), 5);
    return outer;
  };
  const gone = (seconds: string) => () => Promise.resolve(sleepers(seconds).length === 0);

  for (const [signal, seconds] of refused === undefined
    ? ([
        ["SIGKILL", "71001"],
        ["SIGTERM", "71002"],
      ] as const)
    : []) {
    it(`takes everything inside with it when the outer process gets ${signal}`, async () => {
      const outer = await start(seconds);
      outer.kill(signal);
      await until("nothing of it is left", gone(seconds), 10);
      assert.deepEqual(sleepers(seconds), []);
    });
  }
});
