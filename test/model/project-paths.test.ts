import assert from "node:assert/strict";
import childProcess from "node:child_process";
import { folderProblem, isHarmless, isOwnFile, ownFolders } from "../../model/stack/project-paths";

describe("paths that a stack brings into the project", () => {
  for (const folder of ["charts/cilium", "charts", "vendor/cilium-1.19.5", "deploy/site_a/chart+1"]) {
    it(`accept the folder ${folder}`, () => assert.equal(folderProblem(folder), undefined));
  }

  const spelt: Readonly<Record<string, string>> = {
    "charts/cilium/": "charts/cilium",
    "./charts/cilium": "charts/cilium",
    "charts//cilium": "charts/cilium",
    "charts/./cilium": "charts/cilium",
    "docs/../charts/cilium": "charts/cilium",
  };
  for (const [folder, right] of Object.entries(spelt)) {
    it(`correct ${folder} to ${right}`, () => assert.equal(folderProblem(folder)?.write, right));
  }

  for (const folder of [
    "",
    ".",
    "..",
    "/charts",
    "~/charts",
    "../charts",
    "charts/../../charts",
    "Docs/chart",
    "charts/../ops/x",
    ".github/chart",
    "./.git",
    "charts/*",
    "charts/-x",
    "charts/:(glob)x",
    "charts/a b",
    "charts/a\\b",
  ]) {
    it(`refuse the folder ${JSON.stringify(folder)}, without a spelling of it that would be right`, () => {
      assert.notEqual(folderProblem(folder), undefined);
      assert.equal(folderProblem(folder)?.write, undefined);
    });
  }

  it("know every folder of the project, so that none can be taken for a stack's own", () => {
    const files = childProcess.execFileSync("git", ["ls-files", "-z"], { encoding: "utf8" }).split("\0");
    const folders = files.filter((file) => file.includes("/")).map((file) => file.split("/")[0] ?? "");
    const plain = new Set(folders.filter((folder) => !folder.startsWith(".")));
    assert.deepEqual([...plain, "node_modules"].sort(), [...ownFolders]);
  });

  it("count no file as harmless that is not among the project's own", () => {
    for (const file of ["charts/cilium/README.md", "access/docs/k.yaml", "charts/cilium/templates/x.md"])
      assert.ok(!isHarmless(file) && !isOwnFile(file), file);
    for (const file of ["docs/k.yaml", "./test/k", "x/../lab/k", "k.md", "LICENSE", ".github/k", "OPS/k"])
      assert.ok(isOwnFile(file), file);
    for (const file of ["kubeconfig", "access/k.yaml", "/docs/k", "~/docs/k", "../docs/k"])
      assert.ok(!isOwnFile(file), file);
  });
});
