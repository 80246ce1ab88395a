import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { until } from "../../lab/processes/probes";
import { ProcessFailure, Processes } from "../../lab/processes/processes";

describe("the lab's processes", () => {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), "lab-processes-"));
  const processes = new Processes(directory);
  after(async () => {
    await processes.killAll();
    fs.rmSync(directory, { recursive: true });
  });

  it("tell of a crash by name, with the end of the log", async () => {
    const failures: ProcessFailure[] = [];
    const forget = processes.onFailure((failure) => failures.push(failure));
    await processes.start("etcd", ["sh", "-c", "echo disk is full >&2; exit 3"]);
    await until("a failure is told", () => Promise.resolve(failures.length > 0), 5);
    forget();
    assert.match(
      failures[0]?.message ?? "",
      /^etcd ended with code 3; the end of .*etcd\.log:\n {2}disk is full$/,
    );
  });

  it("fail to start when they end, or are not ready in time", async () => {
    const never = () => Promise.resolve(false);
    await assert.rejects(processes.start("a", ["false"], { ready: never }), /^Error: a ended with code 1/);
    await assert.rejects(
      processes.start("b", ["sleep", "60"], { ready: never, readySeconds: 0.2 }),
      /^Error: b was not ready after 0.2 s/,
    );
    assert.deepEqual(processes.names, []);
  });

  it("write logs that kubelets can show, as container runtimes do", async () => {
    const logs = () => fs.readFileSync(processes.logFile("agent"), "utf8");
    const argv = ["sh", "-c", 'echo \'{"msg":"sent"}\'; echo late >&2; sleep 60'];
    await processes.start("agent", argv, { containerLog: true, ready: () => Promise.resolve(true) });
    await until("both lines are written", () => Promise.resolve(logs().split("\n").length === 3), 5);
    const lines = logs().trimEnd().split("\n").sort();
    assert.ok(
      lines.some((line) => /^\d{4}-\d\d-\d\dT[\d:.]+Z stdout F \{"msg":"sent"\}$/.test(line)),
      lines.join(),
    );
    assert.ok(
      lines.some((line) => /^\S+Z stderr F late$/.test(line)),
      lines.join(),
    );
    await processes.kill("agent");
  });

  it("are gone when kill returns, and that is no failure", async () => {
    const failures: ProcessFailure[] = [];
    processes.onFailure((failure) => failures.push(failure));
    await processes.start("c", ["sleep", "60"]);
    const pid = processes.pid("c");
    await processes.kill("c");
    assert.ok(pid !== undefined);
    assert.throws(() => process.kill(pid, 0), /ESRCH/);
    assert.deepEqual(failures, []);
  });
});
