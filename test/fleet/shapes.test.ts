import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { PassThrough } from "node:stream";
import { shapes } from "../../model/fleet/shapes";
import { planCluster } from "../../model/plan/plan-cluster";
import { runMetal } from "../../ops/commands/run";
import { judgeStackFile } from "../../ops/stack/read-stack-file";
import { exampleText, metal, projectWith } from "../ops/command-line";

const now = new Date("2026-11-25T00:00:00Z");
const names = shapes.map(({ name }) => name);

/** Every stack of a project that a check finds something in, and what. */
function findings(directory: string, stacks: readonly string[]): readonly string[] {
  return stacks.flatMap((stack) =>
    judgeStackFile(directory, stack, now).findings.map(({ id, at }) => `${stack} ${id} ${at}`),
  );
}

describe("new --shape", () => {
  for (const name of names) {
    it(`${name}: passes every check and can be planned, with its placeholders marked`, async () => {
      const directory = projectWith({});
      const { code, err } = await metal(directory, ["new", "mine", "--shape", name]);
      assert.equal(code, 0, err);
      const { stack } = judgeStackFile(directory, "mine", now);
      assert.deepEqual(findings(directory, ["mine"]), []);
      assert.ok(stack !== undefined && planCluster(stack).hosts.hosts.length > 0);
      const text = fs.readFileSync(path.join(directory, "Pulumi.mine.yaml"), "utf8");
      for (const key of ["management", "network", "image", "bmc", "hosts"]) {
        assert.match(text, new RegExp(`# yours: .+\\n(  #.+\\n)*  metal:${key}:`), key);
      }
    });
  }

  it("two stacks of each shape and the worked example share nothing", async () => {
    const directory = projectWith({ "Pulumi.capi-1.yaml": exampleText });
    const stacks = names.flatMap((name) => [`${name}-a`, `${name}-b`]);
    for (const stack of stacks) {
      const { code, err } = await metal(directory, ["new", stack, "--shape", stack.slice(0, -2)]);
      assert.equal(code, 0, err);
    }
    const { code, out } = await metal(directory, ["fleet"]);
    assert.equal(code, 0, out);
    assert.deepEqual(findings(directory, stacks), []);
  });

  it("takes management cluster and image from the stack that is named, and the counts", async () => {
    const directory = projectWith({ "Pulumi.capi-1.yaml": exampleText });
    const argv = [
      "new",
      "mine",
      "--shape",
      "racks",
      "--like",
      "capi-1",
      "--workers",
      "9",
      "--control-planes",
      "5",
    ];
    await metal(directory, argv);
    const { stack } = judgeStackFile(directory, "mine", now);
    assert.equal(stack?.image.cniBinaryPath, "/var/lib/cni/bin");
    assert.deepEqual(
      [stack?.controlPlane.replicas, stack?.workers[0]?.replicas, stack?.hosts.length],
      [5, 9, 14],
    );
    assert.deepEqual(findings(directory, ["mine"]), []);
  });

  for (const [argv, says] of [
    [["new", "mine", "--shape", "rack"], /there is no shape "rack"; did you mean "racks"\?/],
    [["new", "mine", "--shape", "mainframe"], /there are single-node, workers, racks, no-dhcp, dual-stack/],
    [["new", "mine", "--shape", "no-dhcp", "--workers", "200"], /no room for 203 hosts/],
    [["new", "mine", "--shape", "workers", "--like", "capi-9"], /there is no stack to copy from/],
    [["new", "mine"], /there is no stack to copy from; start with --shape/],
  ] as const) {
    it(`refuses ${argv.slice(2).join(" ") || "neither a shape nor a stack"}, and writes nothing`, async () => {
      const directory = projectWith({});
      const { code, err } = await metal(directory, argv);
      assert.ok(code > 0);
      assert.match(err, says);
      assert.deepEqual(fs.readdirSync(directory), ["Pulumi.yaml"]);
    });
  }

  it("overwrites no file", async () => {
    const directory = projectWith({ "Pulumi.mine.yaml": exampleText });
    const { code, err } = await metal(directory, ["new", "mine", "--shape", "workers"]);
    assert.equal(code, 2);
    assert.match(err, /already exists/);
    assert.equal(fs.readFileSync(path.join(directory, "Pulumi.mine.yaml"), "utf8"), exampleText);
  });

  it("lists the shapes in its help", async () => {
    const { out } = await metal(projectWith({}), ["new", "--help"]);
    for (const { name, what } of shapes) assert.ok(out.includes(`  ${name.padEnd(12)} ${what}`), out);
  });

  describe("on a terminal", () => {
    for (const [answers, code, says] of [
      ["3\n", 0, /shape racks/],
      ["dual-stack\n", 0, /shape dual-stack/],
      ["dual\nworker\nworkers\n", 0, /did you mean "workers"[^]*shape workers/],
      ["\n", 2, /there is no stack to copy from/],
      ["", 2, /there is no stack to copy from/],
    ] as const) {
      it(`asks for the shape: ${JSON.stringify(answers)}`, async () => {
        const ran = await answered(answers);
        assert.equal(ran.code, code, ran.text);
        assert.match(ran.text, /Which shape\?\n {2}1 {2}single-node/);
        assert.match(ran.text, says);
      });
    }
  });
});

/** `new mine` on a terminal where these answers are typed, and then the input ends. */
async function answered(answers: string): Promise<{ code: number; text: string }> {
  const input = new PassThrough();
  const real = Object.getOwnPropertyDescriptor(process, "stdin");
  Object.defineProperty(process, "stdin", { value: input, configurable: true });
  let text = "";
  const lines = answers.split("\n").slice(0, -1);
  const type = () => {
    const line = lines.shift();
    if (line === undefined) input.end();
    else input.write(`${line}\n`);
  };
  try {
    const ran = runMetal(["new", "mine"], {
      out: (written) => (text += written),
      err: (written) => {
        text += written;
        setTimeout(type, 5);
      },
      interactive: true,
      colours: false,
      directory: projectWith({}),
      env: {},
      now: () => now,
    });
    return { code: await ran, text };
  } finally {
    if (real !== undefined) Object.defineProperty(process, "stdin", real);
  }
}
