import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { createWorkspace, rehearsalDirectory, removeData } from "../../lab/rehearsal/workspace";
import { foreignEntry } from "../../ops/stack/project-files";
import { example } from "../change/pull-requests";
import { projectWith } from "../ops/command-line";

describe("the workspace of a rehearsal", () => {
  it("links the program's files and copies a stack's chart, which is not read through a link", async () => {
    const stack = example(
      (config) => (config["cilium"] = { ...config["cilium"], chartDirectory: "charts/cilium" }),
    );
    const root = projectWith({ "Pulumi.capi-1.yaml": stack, "index.ts": "" });
    fs.mkdirSync(path.join(root, "model"));
    fs.mkdirSync(path.join(root, "charts/cilium"), { recursive: true });
    fs.writeFileSync(path.join(root, "charts/cilium/Chart.yaml"), "name: cilium\n");
    const { project } = await createWorkspace("capi-1", root);
    assert.equal(foreignEntry(project, "charts/cilium"), undefined);
    assert.ok(fs.existsSync(path.join(project, "charts/cilium/Chart.yaml")));
    for (const name of ["index.ts", "model"])
      assert.ok(fs.lstatSync(path.join(project, name)).isSymbolicLink(), name);
  });

  for (const linked of [".metal", ".metal/rehearsal", ".metal/rehearsal/capi-1"]) {
    it(`removes nothing where ${linked} is a link`, async () => {
      const root = projectWith({ "Pulumi.capi-1.yaml": example() });
      const elsewhere = fs.mkdtempSync(path.join(os.tmpdir(), "elsewhere-"));
      const below = path.relative(linked, ".metal/rehearsal/capi-1");
      fs.mkdirSync(path.join(elsewhere, below), { recursive: true });
      const kept = path.join(elsewhere, below, "engine.log");
      fs.writeFileSync(kept, "mine");
      fs.rmSync(path.join(root, linked), { recursive: true, force: true });
      fs.mkdirSync(path.dirname(path.join(root, linked)), { recursive: true });
      fs.symlinkSync(elsewhere, path.join(root, linked));
      await assert.rejects(
        createWorkspace("capi-1", root),
        new RegExp(`^Error: ${linked} is a symbolic link`),
      );
      assert.ok(fs.existsSync(kept));
    });
  }

  it("removes only folders of rehearsals", async () => {
    const root = projectWith({ "Pulumi.capi-1.yaml": example() });
    const folder = rehearsalDirectory("capi-1", root);
    fs.mkdirSync(folder, { recursive: true });
    await createWorkspace("capi-1", root);
    fs.writeFileSync(path.join(folder, "left"), "");
    await createWorkspace("capi-1", root);
    assert.ok(!fs.existsSync(path.join(folder, "left")));
    removeData(folder);
    await createWorkspace("capi-1", root);
    fs.rmSync(folder, { recursive: true });
    fs.mkdirSync(folder);
    fs.writeFileSync(path.join(folder, "mine"), "");
    await assert.rejects(createWorkspace("capi-1", root), /is not a folder of a rehearsal/);
    assert.ok(fs.existsSync(path.join(folder, "mine")));
  });
});
