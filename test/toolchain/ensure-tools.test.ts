import assert from "node:assert/strict";
import childProcess from "node:child_process";
import fs from "node:fs";
import path from "node:path";

import { ensureTools, MissingToolsError } from "../../lab/toolchain/index";
import { FakeMachine } from "./fake-machine";

describe("ensureTools", () => {
  let machine: FakeMachine;
  beforeEach(() => (machine = new FakeMachine()));
  afterEach(() => machine.remove());

  const ensure = (...names: Parameters<typeof ensureTools>[0] & readonly string[]) =>
    ensureTools(names as Parameters<typeof ensureTools>[0], machine.progress, machine.options);
  const builds = () => machine.started().filter((call) => call.startsWith("go build"));

  it("takes a tool from PATH when its version fits", async () => {
    const etcd = machine.tool("etcd", "etcd Version: 3.6.4");
    const toolchain = await ensure("etcd");
    assert.equal(toolchain.tool("etcd"), etcd);
    assert.deepEqual(toolchain.entries[0], {
      name: "etcd",
      kind: "tool",
      version: "v3.6.4",
      from: "PATH",
      path: etcd,
      seconds: 0,
    });
  });

  it("takes etcd from KUBEBUILDER_ASSETS before PATH", async () => {
    machine.tool("etcd", "etcd Version: 3.6.4");
    const assets = path.join(machine.root, "assets");
    const etcd = machine.tool("etcd", "etcd Version: 3.6.5", assets);
    const environment = { ...machine.environment, KUBEBUILDER_ASSETS: assets };
    const toolchain = await ensureTools(["etcd"], machine.progress, { ...machine.options, environment });
    assert.equal(toolchain.tool("etcd"), etcd);
    assert.equal(toolchain.entries[0]?.from, "KUBEBUILDER_ASSETS");
  });

  it("builds a tool whose version on PATH does not fit", async () => {
    machine.go();
    machine.tool("helm", "v4.3.1");
    const toolchain = await ensure("helm");
    assert.equal(toolchain.entries[0]?.from, "built");
    assert.match(toolchain.tool("helm"), /helm\/v4\.2\.3-[0-9a-f]{12}\/helm$/);
    assert.deepEqual(
      machine.events.map(({ kind }) => kind),
      ["planned", "building", "built"],
    );
  });

  it("starts no process at all when everything is at hand", async () => {
    machine.go();
    machine.tool("kwok", "kwok version v0.8.0 (linux/amd64)");
    const first = await ensureTools("all", machine.progress, machine.options);
    machine.forget();
    const second = await ensureTools("all", machine.progress, machine.options);
    assert.deepEqual(machine.started(), []);
    assert.deepEqual(
      second.entries.map((entry) => entry.path),
      first.entries.map((entry) => entry.path),
    );
  });

  it("asks a tool again after it was replaced", async () => {
    machine.go();
    machine.tool("etcd", "etcd Version: 3.6.4");
    await ensure("etcd");
    machine.tool("etcd", "etcd Version: 3.4.27 ");
    const toolchain = await ensure("etcd");
    assert.equal(toolchain.entries[0]?.from, "built");
  });

  it("fetches a data folder again when Go's module cache was cleared", async () => {
    machine.go();
    const folder = (await ensure("cilium-chart-1.19.5")).folder("cilium-chart-1.19.5");
    fs.rmSync(path.join(machine.root, "modules"), { recursive: true });
    assert.equal((await ensure("cilium-chart-1.19.5")).entries[0]?.from, "fetched");
    assert.ok(fs.existsSync(path.join(folder, "Chart.yaml")));
  });

  it("refuses a module whose sum go.sum does not record", async () => {
    machine.go({ sum: "h1:AAAA" });
    await assert.rejects(
      ensure("baremetal-operator-crds"),
      /has the sum "h1:AAAA", which .*go\.sum does not record/,
    );
  });

  it("says without Go what is missing, which version to install and where it looked", async () => {
    const old = machine.tool("etcd", "etcd Version: 3.4.27");
    const error = await ensure("etcd", "capi-core").then(
      () => undefined,
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof MissingToolsError);
    for (const part of [
      "2 of the lab's tools are missing and cannot be built: `go` is not on PATH",
      "etcd: install etcd >=3.6.0 <4.0.0",
      "$KUBEBUILDER_ASSETS (not set)",
      path.join(machine.cache, "etcd", "v3.6.9-"),
      `${old}, which is version 3.4.27`,
      "capi-core: comes only from Go",
      "install Go 1.26 or newer",
    ])
      assert.ok(error.message.includes(part), `${part}\nis not in\n${error.message}`);
  });

  it("passes on why a Go that is too old refuses", async () => {
    machine.go({ version: "echo 'go: go.mod requires go >= 1.26.0 (running go 1.22.1)' >&2; exit 1" });
    await assert.rejects(
      ensure("etcd"),
      /refuses: "go: go\.mod requires go >= 1\.26\.0 \(running go 1\.22\.1\)"/,
    );
  });

  it("builds several tools at once, and ends the others when one fails", async () => {
    const mark = path.join(machine.root, "etcd-started");
    const kwokFails = `until [ -e ${mark} ]; do sleep 0.05; done; exit 1`;
    machine.go({
      beforeBuild: `case "$output" in *kwok*) ${kwokFails} ;; esac; : >${mark}; exec sleep 30`,
    });
    const started = Date.now();
    await assert.rejects(ensure("etcd", "kwok"), /kwok ended with 1/);
    assert.ok(Date.now() - started < 10_000, "the other build was not ended");
    assert.ok(!fs.existsSync(path.join(machine.cache, "build.lock")));
  });

  it("shows the end of the log when a build fails, and leaves nothing that looks built", async () => {
    machine.go({ beforeBuild: "echo 'undefined: frob' >&2; exit 1" });
    await assert.rejects(ensure("etcd"), /ended with 1\n.*undefined: frob\n\s+log: .*etcd\.log/s);
    machine.go();
    assert.equal((await ensure("etcd")).entries[0]?.from, "built");
  });

  it("builds again after an interrupted build and clears what that left", async () => {
    machine.go();
    const binary = (await ensure("etcd")).tool("etcd");
    fs.rmSync(binary);
    fs.writeFileSync(path.join(path.dirname(binary), ".etcd.tmp-999999"), "half a binary");
    fs.writeFileSync(
      path.join(machine.cache, "build.lock"),
      JSON.stringify({ pid: 999999999, started: "1" }),
    );
    await ensure("etcd");
    assert.deepEqual(fs.readdirSync(path.dirname(binary)), ["etcd"]);
    assert.ok(!fs.existsSync(path.join(machine.cache, "build.lock")));
  });

  it("takes a lock over from a process id that was given to another process", async () => {
    machine.go();
    fs.mkdirSync(machine.cache, { recursive: true });
    fs.writeFileSync(
      path.join(machine.cache, "build.lock"),
      JSON.stringify({ pid: process.pid, started: "1" }),
    );
    assert.equal((await ensure("etcd")).entries[0]?.from, "built");
  });

  it("builds once when two starts happen at the same time", async () => {
    machine.go({ beforeBuild: "sleep 0.3" });
    const [first, second] = await Promise.all([ensure("etcd"), ensure("etcd")]);
    assert.equal(builds().length, 1);
    assert.equal(first.tool("etcd"), second.tool("etcd"));
    assert.ok(machine.events.some(({ kind }) => kind === "waiting"));
  });

  it("lets another process finish and uses what it built", async () => {
    machine.go({ beforeBuild: "sleep 1" });
    const main = path.resolve(__dirname, "../../lab/toolchain/main.ts");
    const environment = { ...machine.environment, PATH: `${machine.bin}:${path.dirname(process.execPath)}` };
    const child = childProcess.spawn(process.execPath, ["--import", "tsx", main, "--json", "etcd"], {
      env: environment,
    });
    const ended = new Promise((resolve) => child.once("close", resolve));
    while (builds().length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal((await ensure("etcd")).entries[0]?.from, "cache");
    assert.equal(await ended, 0);
    assert.equal(builds().length, 1);
  });

  it("keeps go.sum decisive and the build free of the user's Go settings", async () => {
    machine.go({ beforeBuild: 'echo "$GOFLAGS $GOWORK $CGO_ENABLED"' });
    const environment = { ...machine.environment, GOFLAGS: "-mod=mod" };
    await ensureTools(["kwok"], machine.progress, { ...machine.options, environment });
    assert.equal(
      fs.readFileSync(path.join(machine.cache, "logs", "kwok.log"), "utf8"),
      "-mod=readonly off 0\n",
    );
  });

  it("plays cilium by a shim over Helm, and never takes that shim for the Cilium CLI", async () => {
    machine.go();
    const first = await ensure("cilium");
    const shim = first.tool("cilium");
    assert.match(
      childProcess.execFileSync(shim, ["version", "--client"], { encoding: "utf8" }),
      /^cilium-cli: v0\.19\.7 /,
    );
    const environment = {
      ...machine.environment,
      PATH: `${path.dirname(shim)}:${machine.bin}:/usr/bin:/bin`,
    };
    const second = await ensureTools(["cilium"], machine.progress, { ...machine.options, environment });
    assert.equal(second.entries.find(({ name }) => name === "cilium")?.from, "shim over helm");
  });

  it("takes a Cilium CLI that renders without a cluster, and then needs no Helm", async () => {
    const cli = machine.tool("cilium", "cilium-cli: v0.19.4 compiled with go1.26.1 on linux/amd64");
    const toolchain = await ensure("cilium");
    assert.deepEqual(
      toolchain.entries.map(({ path: file }) => file),
      [cli],
    );
  });

  it("puts the language host beside the engine that it built", async () => {
    machine.go();
    const toolchain = await ensure("pulumi", "pulumi-language-nodejs");
    const beside = path.join(path.dirname(toolchain.tool("pulumi")), "pulumi-language-nodejs");
    assert.equal(fs.realpathSync(beside), toolchain.tool("pulumi-language-nodejs"));
  });

  it("takes the language host that an installed Pulumi brings along", async () => {
    machine.tool("pulumi", "v3.250.0");
    const host = machine.tool("pulumi-language-nodejs", "");
    assert.equal((await ensure("pulumi", "pulumi-language-nodejs")).tool("pulumi-language-nodejs"), host);
  });

  it("names what was not asked for", async () => {
    machine.tool("etcd", "etcd Version: 3.6.4");
    const toolchain = await ensure("etcd");
    assert.throws(() => toolchain.tool("helm"), /"helm" was not among the wanted tools/);
  });
});
