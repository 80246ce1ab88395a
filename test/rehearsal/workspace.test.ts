import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { createWorkspace } from "../../lab/rehearsal/workspace";
import { foreignEntry } from "../../ops/stack/project-files";
import { example } from "../change/pull-requests";
import { projectWith } from "../ops/command-line";

describe("the workspace of a rehearsal", () => {
  it("links the program's files and copies a stack's chart, which is not read through a link", () => {
    const stack = example(
      (config) => (config["cilium"] = { ...config["cilium"], chartDirectory: "charts/cilium" }),
    );
    const root = projectWith({ "Pulumi.capi-1.yaml": stack, "index.ts": "" });
    fs.mkdirSync(path.join(root, "model"));
    fs.mkdirSync(path.join(root, "charts/cilium"), { recursive: true });
    fs.writeFileSync(path.join(root, "charts/cilium/Chart.yaml"), "name: cilium\n");
    const { project } = createWorkspace("capi-1", root);
    assert.equal(foreignEntry(project, "charts/cilium"), undefined);
    assert.ok(fs.existsSync(path.join(project, "charts/cilium/Chart.yaml")));
    for (const name of ["index.ts", "model"])
      assert.ok(fs.lstatSync(path.join(project, name)).isSymbolicLink(), name);
  });
});
