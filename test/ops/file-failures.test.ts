import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { exampleText, metal, projectWith } from "./command-line";

const root = path.join(__dirname, "../..");

describe("a file, a pipe or a disk that fails", () => {
  const cases: Readonly<Record<string, [(directory: string) => readonly string[], RegExp]>> = {
    "a folder in place of the stack file": [
      (directory) => {
        fs.mkdirSync(path.join(directory, "Pulumi.x.yaml"));
        return ["check", "--stack", "x"];
      },
      /^error: Pulumi\.x\.yaml cannot be read: illegal operation on a directory \(EISDIR\)\n$/,
    ],
    "a link to nothing in place of the stack file": [
      (directory) => {
        fs.symlinkSync("/nonexistent", path.join(directory, "Pulumi.x.yaml"));
        return ["status", "--stack", "x"];
      },
      /^error: Pulumi\.x\.yaml cannot be read: no such file or directory \(ENOENT\)\n$/,
    ],
    "a device in place of the stack file": [
      (directory) => {
        fs.symlinkSync("/dev/zero", path.join(directory, "Pulumi.x.yaml"));
        return ["check", "--stack", "x"];
      },
      /^error: .*Pulumi\.x\.yaml is a device or a pipe, not a file\n$/,
    ],
    "a pipe in place of the stack file": [
      (directory) => {
        spawnSync("/bin/sh", ["-c", 'mkfifo "$0"', path.join(directory, "Pulumi.x.yaml")]);
        return ["check", "--stack", "x"];
      },
      /^error: .*Pulumi\.x\.yaml is a device or a pipe, not a file\n$/,
    ],
    "a device in place of Pulumi.yaml": [
      (directory) => {
        fs.rmSync(path.join(directory, "Pulumi.yaml"));
        fs.symlinkSync("/dev/zero", path.join(directory, "Pulumi.yaml"));
        return ["check"];
      },
      /^error: .*Pulumi\.yaml is a device or a pipe, not a file\n$/,
    ],
    "a device as kubeconfig": [
      (directory) => {
        const file = path.join(directory, "Pulumi.capi-1.yaml");
        fs.writeFileSync(
          file,
          fs.readFileSync(file, "utf8").replace("kubeconfig: none", "kubeconfig: /dev/zero"),
        );
        return ["sysdump"];
      },
      /^error: .*kubeconfig "\/dev\/zero" is a device or a pipe; write the path of a file\n$/,
    ],
    "a file to scrub that is a device": [
      () => ["scrub", "/dev/zero"],
      /^error: \/dev\/zero is a device or a pipe, not a file\n$/,
    ],
    "a file to scrub that is a pipe": [
      (directory) => {
        spawnSync("/bin/sh", ["-c", 'mkfifo "$0"', path.join(directory, "pipe")]);
        return ["scrub", "pipe"];
      },
      /^error: pipe is a device or a pipe, not a file\n$/,
    ],
    "a body of a comment that is a device": [
      () => ["comment", "--stack", "capi-1", "--body", "/dev/zero", "--dry-run"],
      /^error: \/dev\/zero is a device or a pipe, not a file\n$/,
    ],
    "a running configuration that is a device": [
      () => ["router", "--stack", "capi-1", "--against", "/dev/zero"],
      /^error: \/dev\/zero .*is a device or a pipe, not a file\n$/,
    ],
    "an output that is a folder": [
      () => ["schema", "--output", "."],
      /cannot be opened: illegal operation on a directory \(EISDIR\)\n$/,
    ],
    "an output in a folder that is missing": [
      () => ["schema", "--output", "none/schema.json"],
      /^error: none\/schema\.json cannot be opened: no such file or directory \(ENOENT\)\n$/,
    ],
    "a full disk": [
      () => ["schema", "--output", "/dev/full"],
      /^error: .*: no space left on device \(ENOSPC\)\n$/,
    ],
    "a kubeconfig that is missing": [
      () => ["sysdump"],
      /^error: the management cluster cannot be queried: kubeconfig ".*none" does not exist\n$/,
    ],
  };
  for (const [name, [prepare, message]] of Object.entries(cases)) {
    it(`is a message and exit code 2: ${name}`, async () => {
      const directory = projectWith({
        "Pulumi.capi-1.yaml": exampleText.replace(/^(\s+)context: .*/m, "$&\n$1kubeconfig: none"),
      });
      const argv = prepare(directory);
      const { code, out, err } = await metal(directory, argv, { PULUMI_STACK: "capi-1" });
      assert.deepEqual([code, out], [2, ""], err);
      assert.match(err, message);
    });
  }

  const written: Readonly<Record<string, (link: (name: string) => void) => readonly string[]>> = {
    "a router's configuration": (link) => (link("out/frr.conf"), ["router", "--write", "out"]),
    "a folder of routers": (link) => (link("out"), ["router", "--write", "out"]),
    "the schema": (link) => (link("schema.json"), ["schema", "--output", "schema.json"]),
    "the schema in a folder": (link) => (link("out"), ["schema", "--output", "out/schema.json"]),
    "a scrubbed file": (link) => (link("up.txt"), ["scrub", "up.txt"]),
    "a kubeconfig's folder": (link) => (link(".metal"), ["kubeconfig"]),
    "a bundle's folder": (link) => (link("out"), ["diagnose", "--bundle", "out/b.tar.gz"]),
  };
  for (const [name, prepare] of Object.entries(written)) {
    it(`writes nothing through a link of the project: ${name}`, async () => {
      const directory = projectWith({ "Pulumi.capi-1.yaml": exampleText });
      const target = fs.mkdtempSync(path.join(directory, "..", "metal-target-"));
      const victim = path.join(target, "victim");
      fs.writeFileSync(victim, "password: PLANTED\n");
      const argv = prepare((link) => {
        const place = path.join(directory, link);
        fs.mkdirSync(path.dirname(place), { recursive: true });
        fs.symlinkSync(path.extname(link) === "" ? target : victim, place);
      });
      const { code, err } = await metal(directory, argv);
      assert.equal(code, 2, err);
      assert.match(err, /is a link, which is not written through/);
      assert.deepEqual(fs.readdirSync(target), ["victim"]);
      assert.equal(fs.readFileSync(victim, "utf8"), "password: PLANTED\n");
    });
  }

  const run = (command: string) =>
    spawnSync("/bin/bash", ["-c", command], { cwd: root, encoding: "utf8", timeout: 15_000 });

  it("is a message and exit code 2 for a full standard output", () => {
    const { status, stderr } = run("node startup/metal.cjs schema >/dev/full");
    assert.equal(stderr, "error: standard output: write: no space left on device (ENOSPC)\n");
    assert.equal(status, 2);
  });

  it("is exit code 2 without a message for a reader that has ended", () => {
    const { stdout, stderr } = run("node startup/metal.cjs schema | true; echo ${PIPESTATUS[0]}");
    assert.deepEqual([stdout, stderr], ["2\n", ""]);
  });

  it("does not concern what a shell makes of the output of a command, as kubectl reads it", () => {
    const empty = "{apiVersion: v1, kind: Config, clusters: [], contexts: [], users: []}";
    const { stdout } = run(`KUBECONFIG=<(echo '${empty}') node startup/metal.cjs status --stack capi-1`);
    assert.match(stdout, /context "management" is not in the kubeconfig: \/dev\/fd\/\d+ has no contexts/);
  });
});
