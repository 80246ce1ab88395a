import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { cliProblem, outputProblem, renderCall } from "../../model/cilium/cli";
import type { CiliumPlan } from "../../model/plan/plan";
import { runCli } from "../../ops/cilium/render";
import { commandOnPath } from "../ops/stub-command";
import { bundled } from "../program/bundled";

const plan = {
  version: "1.19.5",
  values: { cluster: { name: "capi-1" }, tls: { ca: { key: "SECRET-VALUE" } } },
} as unknown as CiliumPlan;
const call = renderCall(plan, () => undefined);

/** Reads the values file twice as cilium-cli v0.19.7 does, keeps the second reading, then runs the rest of the script. */
const readsTwice = (rest: string) => `for file; do :; done
cat "$file" >/dev/null
printf '%s\\n' "$@" >"$OUT/arguments"; env >"$OUT/environment"; stat -c %a "$file" >"$OUT/mode"
printf '%s\\n' '---' '# Source: cilium'; cat "$file"
${rest}`;

describe("the call of the Cilium CLI", () => {
  let folder: string;
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "metal-cli-call-"));
    fs.mkdirSync(path.join(folder, "tmp"));
  });
  afterEach(() => fs.rmSync(folder, { recursive: true }));

  const seen = (name: string) => fs.readFileSync(path.join(folder, name), "utf8");
  const left = () => fs.readdirSync(path.join(folder, "tmp"));
  const environment = (script: string): NodeJS.ProcessEnv => ({
    ...commandOnPath("cilium", script),
    OUT: folder,
    TMPDIR: path.join(folder, "tmp"),
  });

  it("gives the values to a CLI that reads its values file twice, in a private file that is gone afterwards", async () => {
    const { code, stdout, stderr } = await runCli(call, folder, environment(readsTwice("")));
    assert.equal(code, 0, stderr);
    assert.ok(stdout.endsWith(call.stdin));
    assert.equal(seen("mode").trim(), "600");
    assert.ok(!seen("arguments").includes("SECRET-VALUE") && !seen("environment").includes("SECRET-VALUE"));
    assert.deepEqual(left(), []);
  });

  it("quotes every text, because Helm reads YAML 1.1", () => {
    const values = { a: "on", b: "0o17", c: true, d: 17, on: "x", e: ["yes", "1_000"] };
    const { stdin } = renderCall({ version: "1.19.5", values } as unknown as CiliumPlan, () => undefined);
    assert.equal(stdin, 'a: "on"\nb: "0o17"\nc: true\nd: 17\ne:\n  - "yes"\n  - "1_000"\n"on": "x"\n');
  });

  it("gets a secret at its own place, and never for a text that is the path of another", () => {
    const path = "cilium.values.tls.ca.key";
    const values = { tls: { ca: { key: path } }, podAnnotations: { a: "bmc.password", b: path } };
    const secrets = new Map(Object.entries({ "bmc.password": "PLANTED", [path]: "the-key" }));
    const { stdin } = renderCall({ version: "1.19.5", values } as unknown as CiliumPlan, (at) =>
      secrets.get(at),
    );
    assert.equal(
      stdin,
      `podAnnotations:\n  a: "bmc.password"\n  b: "${path}"\ntls:\n  ca:\n    key: "the-key"\n`,
    );
  });

  it("leaves no values behind when the CLI fails", async () => {
    const result = await runCli(call, folder, environment(readsTwice("echo 'Error: no' >&2; exit 1")));
    assert.equal(result.code, 1);
    assert.equal(
      cliProblem(plan, result.stderr),
      "Cilium 1.19.5 could not be rendered, nothing was changed: Error: no",
    );
    assert.deepEqual(left(), []);
  });

  for (const signal of ["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM", "SIGKILL"] as const) {
    it(`leaves no values behind when it is ended by ${signal}`, async () => {
      const child = spawn("/bin/bash", ["--norc", "-euo", "pipefail", "-c", call.script], {
        env: { ...environment(readsTwice("touch $OUT/started; exec sleep 20")), ...call.environment },
      });
      child.stdin.end(call.stdin);
      child.stdout.resume();
      const closed = new Promise((resolve) => child.once("close", resolve));
      while (!fs.existsSync(path.join(folder, "started"))) await new Promise((go) => setTimeout(go, 10));
      assert.equal(left().length, 1);
      child.kill(signal);
      await closed;
      assert.deepEqual(left(), []);
    });
  }

  for (const signal of ["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM"] as const) {
    it(`ends with the process that renders when that gets ${signal}, with all that it started`, async () => {
      const sleeping =
        'sleep 30 & echo $! >"$OUT/sleeping"; touch "$OUT/started"; trap "" TERM; wait; sleep 30';
      const child = spawn(process.execPath, bundled(path.join(__dirname, "run-cli-program.ts")), {
        env: environment(readsTwice(sleeping)),
        stdio: "ignore",
      });
      const closed = new Promise((resolve) => child.once("close", resolve));
      while (!fs.existsSync(path.join(folder, "started"))) await new Promise((go) => setTimeout(go, 10));
      const values = () => left().filter((name) => name.startsWith("metal-values"));
      assert.equal(values().length, 1);
      child.kill(signal);
      assert.equal(await closed, 128 + os.constants.signals[signal]);
      const isRunning = () => fs.existsSync(`/proc/${seen("sleeping").trim()}/cwd`);
      for (let i = 0; i < 200 && (values().length > 0 || isRunning()); i++)
        await new Promise((go) => setTimeout(go, 10));
      assert.deepEqual(values(), []);
      assert.ok(!isRunning());
    }).timeout(20_000);
  }

  it("is ended where it prints without end, and the size is the reason", async () => {
    const { code, stdout } = await runCli(call, folder, environment("exec yes apiVersion:"));
    assert.equal(code, null);
    assert.match(
      outputProblem(plan, stdout) ?? "",
      /nothing was changed: the Cilium CLI printed more than 2 MiB, and a cluster is given 1 MiB; disable what/,
    );
    assert.ok(stdout.length < 3 * 1024 * 1024);
    assert.deepEqual(left(), []);
  }).timeout(20_000);

  it("names the folder and the fix where the values cannot be written", async () => {
    const env = { ...environment(readsTwice("")), TMPDIR: path.join(folder, "missing") };
    const { code, stderr } = await runCli(call, folder, env);
    assert.equal(code, 1);
    const problem = cliProblem(plan, stderr);
    assert.match(problem, /values cannot be written to a temporary file: .*missing.*set TMPDIR to a folder/);
  });

  it("names a missing CLI", async () => {
    const { code, stderr } = await runCli(call, folder, {
      PATH: "/usr/bin:/bin",
      TMPDIR: path.join(folder, "tmp"),
    });
    assert.notEqual(code, 0);
    assert.match(cliProblem(plan, stderr), /is not on PATH, so nothing was rendered or changed; install/);
    assert.deepEqual(left(), []);
  });
});

describe("what is said of a failed call of the Cilium CLI", () => {
  /** The error message of pulumi-command 1.2.1: the exit, the whole script, and all output. */
  const ofCommand = (output: string, exit = "exit status 1") =>
    `invocation of command:local:run returned an error: ${exit}: running ${JSON.stringify(call.script)}:\n` +
    `-- output of the Cilium CLI --\n${output}`;
  const prefix = "Cilium 1.19.5 could not be rendered, nothing was changed";

  const cases: Record<string, [message: string, expected: string | RegExp]> = {
    "an error of the chart": [
      ofCommand("\nError: Unable to install Cilium: at '/x': got string, want boolean\n"),
      `${prefix}: Error: Unable to install Cilium: at '/x': got string, want boolean`,
    ],
    "an output without an error line": [
      ofCommand("panic: nil\ngoroutine 1\n"),
      `${prefix}: panic: nil\ngoroutine 1`,
    ],
    "no output at all": [ofCommand(""), `${prefix}: exit status 1 without a message`],
    "a call that took too long": [
      ofCommand("", "signal: killed"),
      `${prefix}: signal: killed without a message; it may have taken too long`,
    ],
    "a CLI that needs a cluster": [
      ofCommand("\nError: Unable to install Cilium: Kubernetes cluster unreachable: invalid configuration\n"),
      "the Cilium CLI on PATH is too old: it needs a cluster to render; install cilium-cli v0.19.2 or newer",
    ],
    "a full disk": [
      ofCommand("cat: write error: No space left on device\n"),
      /temporary file: cat: write error: No space left on device; free space there/,
    ],
    "a chart that is neither embedded nor reachable": [
      ofCommand(
        '\nError: Unable to install Cilium: looks like "https://helm.cilium.io" is not a valid chart repository or cannot be ' +
          'reached: Get "https://helm.cilium.io/index.yaml": dial tcp: lookup helm.cilium.io: no such host\n',
      ),
      `${prefix}: the Cilium CLI on PATH does not hold the chart of this version, and https://helm.cilium.io cannot be reached; ` +
        "install a newer cilium-cli, or unpack the chart and set cilium.chartDirectory to its folder",
    ],
  };
  for (const [name, [message, expected]] of Object.entries(cases)) {
    it(`gives the reason and not the script: ${name}`, () => {
      const problem = cliProblem(plan, message);
      if (typeof expected === "string") assert.equal(problem, expected);
      else assert.match(problem, expected);
      assert.ok(!problem.includes("mktemp"));
    });
  }

  it("refuses an exit of 0 with nothing", () => {
    assert.match(outputProblem(plan, "\n") ?? "", /printed no manifest; install cilium-cli v0.19.2 or newer/);
  });

  it("refuses a warning in front of the manifest, and quotes it", () => {
    const problem = outputProblem(plan, "WARNING: kubeconfig is group-readable\n---\nkind: x\n") ?? "";
    assert.match(problem, /printed "WARNING: kubeconfig is group-readable" in front of the manifest/);
  });

  it("accepts a manifest", () => {
    assert.equal(outputProblem(plan, "---\n# Source: cilium/templates/x.yaml\napiVersion: v1\n"), undefined);
  });
});
