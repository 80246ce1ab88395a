import assert from "node:assert/strict";
import childProcess from "node:child_process";
import crypto from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { toolSpecs } from "../../lab/toolchain/tools";
import { commandOnPath } from "../ops/stub-command";
import { gitlabJobs, stepsOf, workflows } from "./workflows";

const root = path.join(__dirname, "../..");
const table = fs.readFileSync(path.join(root, "tools/tools.sha256"), "utf8");
const rows = table
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"))
  .map((line) => {
    const [checksum = "", name = "", version = "", address = ""] = line.split(" ");
    return { checksum, name, version, address };
  });

describe("what CI downloads", () => {
  it("has the versions of package.json and of the lab", () => {
    const { dependencies } = JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8")) as {
      dependencies: Record<string, string>;
    };
    const versions = Object.fromEntries(rows.map(({ name, version }) => [name, version]));
    assert.equal(versions["pulumi-resource-kubernetes"], `v${dependencies["@pulumi/kubernetes"]}`);
    assert.equal(versions["pulumi-resource-command"], `v${dependencies["@pulumi/command"]}`);
    assert.equal(versions["pulumi"], `v${dependencies["@pulumi/pulumi"]}`);
    assert.equal(versions["pulumi"], toolSpecs.pulumi.version);
  });

  it("is a row of a checksum, or of none yet, with an address of its version", () => {
    assert.ok(rows.length >= 5);
    for (const { checksum, address, version } of rows) {
      assert.match(checksum, /^([0-9a-f]{64}|-)$/);
      assert.match(address, /^https:\/\//);
      assert.ok(address.includes(version), address);
    }
  });

  it("comes through tools/install.sh, an action that is pinned, or npm ci with its lock file", () => {
    const scripts = [
      ...workflows().flatMap((workflow) => stepsOf(workflow).map(({ run = "" }) => run)),
      ...["gitlab-ci.yml", "gitlab-stack.yml"].flatMap((file) =>
        Object.values(gitlabJobs(file)).flatMap(({ before, script }) => [before, script]),
      ),
    ];
    for (const script of scripts) {
      assert.doesNotMatch(script, /\b(curl|wget|npx|npm install|npm i|pulumi plugin install|apt-get)\b/);
    }
    const installed = scripts.flatMap((script) =>
      [...script.matchAll(/tools\/install\.sh "\$RUNNER_TEMP\/bin" ([\w -]+)/g)].flatMap(([, names = ""]) =>
        names.split(" "),
      ),
    );
    assert.deepEqual([...new Set(installed)].sort(), rows.map(({ name }) => name).sort());
    const actions = workflows().flatMap((workflow) => stepsOf(workflow).flatMap(({ uses = [] }) => uses));
    for (const action of actions)
      assert.match(action, /^actions\/(checkout|upload-artifact|download-artifact)@/);
  });

  it("never lets the engine fetch a plugin where pulumi runs the program", () => {
    const steps = workflows()
      .flatMap(stepsOf)
      .filter(({ run = "" }) => /pulumi (up|preview) --stack/.test(run));
    assert.equal(steps.length, 3);
    for (const { env } of steps) assert.equal(env?.["PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"], "true");
  });
});

describe("tools/install.sh", () => {
  const archive = (() => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "metal-"));
    fs.writeFileSync(path.join(folder, "cilium"), "the program");
    const file = path.join(folder, "archive.tar.gz");
    childProcess.execFileSync("tar", ["-czf", file, "-C", folder, "cilium"]);
    return file;
  })();
  const checksum = crypto.createHash("sha256").update(fs.readFileSync(archive)).digest("hex");

  /** Runs the script with a table of these rows and a curl that brings the archive. */
  function install(lines: string, ...args: readonly string[]) {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "metal-"));
    fs.copyFileSync(path.join(root, "tools/install.sh"), path.join(folder, "install.sh"));
    fs.writeFileSync(path.join(folder, "tools.sha256"), `# a remark\n${lines}\n`);
    const curl = `while [ "$1" != --output ]; do shift; done; cp "${archive}" "$2"`;
    const { status, stdout, stderr } = childProcess.spawnSync(
      "bash",
      [path.join(folder, "install.sh"), ...args],
      {
        cwd: folder,
        encoding: "utf8",
        env: { ...commandOnPath("curl", curl), HOME: folder },
      },
    );
    const has = (name: string) => fs.existsSync(path.join(folder, name));
    return { status, stdout, stderr, has };
  }
  const row = (sum: string, name = "cilium", address = "https://x.example/v1/a") =>
    `${sum} ${name} v1 ${address}`;

  it("installs what has the checksum, a plugin where Pulumi looks for it", () => {
    const { status, has, stderr } = install(
      `${row(checksum)}\n${row(checksum, "pulumi-resource-x")}`,
      "bin",
      "cilium",
      "pulumi-resource-x",
    );
    assert.equal(status, 0, stderr);
    assert.ok(has("bin/cilium"));
    assert.ok(has(".pulumi/plugins/resource-x-v1/cilium"));
  });

  for (const [what, line, message] of [
    ["another checksum", row("0".repeat(64)), /does not have the checksum/],
    ["no checksum yet", row("-"), /has no checksum of cilium v1; its first lines describe how/],
    ["an unknown program", row(checksum, "other"), /has no program "cilium"/],
    ["an address of another version", row(checksum, "cilium", "https://x.example/v2/a"), /not one of v1/],
    ["an address without TLS", row(checksum, "cilium", "http://x.example/v1/a"), /not one of v1/],
  ] as const) {
    it(`installs nothing with ${what}`, () => {
      const { status, has, stderr } = install(line, "bin", "cilium");
      assert.notEqual(status, 0);
      assert.match(stderr, message);
      assert.ok(!has("bin/cilium"));
    });
  }

  it("prints the checksum of a row that has none, to be compared and filled in", () => {
    assert.equal(install(row("-"), "--checksum", "cilium").stdout, `${checksum}\n`);
  });
});

describe("tools/runner.sh", () => {
  const run = (HOME: string, RUNNER_ENVIRONMENT: string) =>
    childProcess.spawnSync("bash", [path.join(root, "tools/runner.sh")], {
      encoding: "utf8",
      env: { PATH: process.env["PATH"], HOME, RUNNER_ENVIRONMENT },
    });

  it("refuses a self-hosted runner for its second job, and one of GitHub's never", () => {
    const home = fs.mkdtempSync(path.join(os.tmpdir(), "metal-"));
    assert.equal(run(home, "self-hosted").status, 0);
    const second = run(home, "self-hosted");
    assert.equal(second.status, 1);
    assert.match(second.stdout, /^::error::this runner has run a job before .*--ephemeral/);
    assert.equal(run(home, "github-hosted").status, 0);
  });
});
