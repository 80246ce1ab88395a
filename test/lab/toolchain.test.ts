import assert from "node:assert/strict";
import childProcess from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

import { CILIUM_VERSIONS, folderSpecs } from "../../lab/toolchain/tools";
import { ensureTools, showProgress, type Toolchain } from "../../lab/toolchain/index";

const SAMPLES = path.resolve(__dirname, "../../../shared/facts/samples");
const haveSamples = fs.existsSync(SAMPLES);
const why = haveSamples ? "" : " (skipped: ../shared/facts/samples is not here)";
const BUILD_TIMEOUT_MS = 40 * 60_000;
const START_BUDGET_MS = 100;

/** The charts of Cilium's Go module name its own images without the digests that the released charts carry. */
function withoutOwnDigests(manifest: string): string {
  return manifest.replace(
    /(quay\.io\/cilium\/(?:cilium|operator-generic|hubble-relay):[^@"]+)@sha256:[0-9a-f]{64}/g,
    "$1",
  );
}

describe("toolchain with the real tools", () => {
  let toolchain: Toolchain;
  before(async function () {
    this.timeout(BUILD_TIMEOUT_MS);
    // without PATH's own Cilium CLI and Helm, because the shim is what is tested here
    const goFolder = path.dirname(
      childProcess.execFileSync("/bin/sh", ["-c", "command -v go"], { encoding: "utf8" }),
    );
    const environment = { ...process.env, PATH: `${goFolder}:/usr/bin:/bin` };
    toolchain = await ensureTools("all", showProgress(process.stderr), { environment });
  });

  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "metal-toolchain-"));
  const file = path.join(scratch, "values.yaml");
  after(() => fs.rmSync(scratch, { recursive: true }));

  /** Runs the CLI with these values in a file. */
  function cilium(args: readonly string[], values: string) {
    fs.writeFileSync(file, values);
    const result = childProcess.spawnSync(toolchain.tool("cilium"), [...args, "--values", file], {
      encoding: "utf8",
    });
    return { status: result.status, stdout: result.stdout, stderr: result.stderr };
  }

  it("loses values that come through a pipe, as the Cilium CLI does", () => {
    const args = ["install", "--dry-run", "--version", "1.19.5"];
    const values = "cluster: {name: wl1}\nroutingMode: native\nipv4NativeRoutingCIDR: 10.0.0.0/8\n";
    const script = 'cat "$1" | "$2" install --dry-run --version 1.19.5 --values /dev/stdin';
    fs.writeFileSync(file, values);
    const piped = childProcess.spawnSync("/bin/sh", ["-c", script, "sh", file, toolchain.tool("cilium")], {
      encoding: "utf8",
    });
    assert.equal(piped.status, 0, piped.stderr);
    assert.ok(cilium(args, values).stdout.includes("wl1"));
    assert.ok(!piped.stdout.includes("wl1"));
  });

  it("has every data folder with what proves it", () => {
    for (const [name, { proof }] of folderSpecs)
      assert.ok(fs.existsSync(path.join(toolchain.folder(name), proof)), name);
  });

  for (const set of ["native", "hubble-cron"]) {
    const run = haveSamples ? it : it.skip;
    run(`renders ${set} to the Cilium CLI's bytes${why}`, () => {
      const values = fs.readFileSync(path.join(SAMPLES, "values", `${set}.yaml`), "utf8");
      const expected = fs.readFileSync(path.join(SAMPLES, "rendered", `cli-1.19.5-${set}.yaml`), "utf8");
      const result = cilium(["install", "--dry-run", "--version", "1.19.5"], values);
      assert.equal(result.stderr, "");
      assert.equal(result.status, 0);
      assert.equal(result.stdout, withoutOwnDigests(expected));
    });
  }

  for (const version of CILIUM_VERSIONS) {
    it(`renders chart ${version} the same by version and by folder`, () => {
      const values = "cluster: {name: wl1}\nhubble: {enabled: false}\n";
      const from = (...chart: string[]) => cilium(["install", "--dry-run", ...chart], values);
      const result = from("--version", `v${version}`);
      assert.match(result.stdout, /^---\n# Source: cilium\/templates\//);
      assert.ok(result.stdout.includes(`quay.io/cilium/cilium:v${version}`));
      assert.deepEqual(from("--chart-directory", toolchain.folder(`cilium-chart-${version}`)), result);
    });
  }

  const failures: Record<string, { args?: string[]; values: string; stderr: string }> = {
    "a value of the wrong type": {
      values: 'bgpControlPlane: {enabled: "yes"}\n',
      stderr:
        "\nError: Unable to install Cilium: values don't meet the specifications of the schema(s) in the following chart(s):\n" +
        "cilium:\n- at '/bgpControlPlane/enabled': got string, want boolean\n\n",
    },
    "text that is not YAML": {
      values: "x: y: z\n",
      stderr:
        `\nError: Unable to install Cilium: failed to parse ${file}: cannot unmarshal yaml document: error converting YAML to JSON: ` +
        "yaml: mapping values are not allowed in this context\n",
    },
    "an unknown flag": {
      args: ["--frobnicate"],
      values: "",
      stderr: "\nError: unknown flag: --frobnicate\n",
    },
  };
  for (const [name, { args = [], values, stderr }] of Object.entries(failures)) {
    it(`prints nothing but the Cilium CLI's words on ${name}`, () => {
      const result = cilium(["install", "--dry-run", ...args], values);
      assert.deepEqual(result, { status: 1, stdout: "", stderr });
    });
  }

  it("reaches for no cluster that the caller's environment names", () => {
    const environment = {
      ...process.env,
      KUBECONFIG: "/nonexistent/kubeconfig",
      KUBERNETES_SERVICE_HOST: "192.0.2.1",
      KUBERNETES_SERVICE_PORT: "6443",
    };
    fs.writeFileSync(file, "hubble: {enabled: false}\n");
    const args = ["install", "--dry-run", "--values", file];
    const result = childProcess.spawnSync(toolchain.tool("cilium"), args, {
      encoding: "utf8",
      env: environment,
      timeout: 10_000,
    });
    assert.equal(result.status, 0, result.stderr);
    assert.ok(!result.stdout.includes("192.0.2.1"));
  });

  it(`adds less than ${START_BUDGET_MS} ms to Helm`, () => {
    const chart = toolchain.folder("cilium-chart-1.19.5");
    const values = "hubble: {enabled: false}\n";
    const helm = median(() =>
      childProcess.execFileSync(
        toolchain.tool("helm"),
        [
          "install",
          "cilium",
          chart,
          "-n",
          "kube-system",
          "--dry-run=client",
          "--hide-notes",
          "-f",
          "/proc/self/fd/0",
        ],
        { stdio: ["ignore", "pipe", "pipe"], env: { HOME: "/nonexistent", KUBECONFIG: "/dev/null" } },
      ),
    );
    const shim = median(() => cilium(["install", "--dry-run"], values));
    assert.ok(shim - helm < START_BUDGET_MS, `shim ${shim.toFixed(0)} ms, helm ${helm.toFixed(0)} ms`);
  });

  it("answers a second start at once", async () => {
    const started = performance.now();
    await ensureTools("all", () => assert.fail("nothing may be left to do"));
    assert.ok(performance.now() - started < 1000);
  });
});

function median(run: () => unknown): number {
  const times = Array.from({ length: 7 }, () => {
    const started = performance.now();
    run();
    return performance.now() - started;
  });
  return times.sort((a, b) => a - b)[3] ?? NaN;
}
