import assert from "node:assert/strict";
import { type CodeChange, isCode } from "../../model/change/code";
import { stackWith } from "../model/stacks";
import { loadedWith, programFiles } from "./program-files";
import { between, changeOf, side } from "./sides";

const same = (paths: readonly string[], more: Partial<CodeChange> = {}) =>
  between(side(stackWith()), side(stackWith()), { file: "same", code: { paths, ...more } });

describe("the risk of a change of the program's code", () => {
  for (const file of [
    "components/host-inventory.ts",
    "index.ts",
    "startup/transpiler.cjs",
    "package.json",
    "package-lock.json",
    ".npmrc",
    "tsconfig.json",
    "Pulumi.yaml",
    "ops/wait/main.ts",
    "ops/upgrade/prepare-main.ts",
    "model/cilium/ownership.ts",
    "model/plan/plan-cluster.ts",
    "model/live/verify/checks.ts",
    "model/plan/manifests/hosts.ts",
    "model/live/readiness/assess.ts",
    "model/stack/read-stack.ts",
    "model/stack/secrets.ts",
    "ops/stack/stack-files.ts",
    "model/change/code.ts",
    "model/change/review/gate.ts",
    "ops/change/compare.ts",
    "ops/commands/gate-action.ts",
    "ops/review/changed-files.ts",
    "startup/metal.cjs",
    "ops/router/stack-shares.ts",
    "ops/docs/pages.ts",
    ".github/workflows/deploy.yml",
    ".ci/run",
    ".npmrc",
    ".nvmrc",
    "tools/install.sh",
    "docs/examples/gitlab-stack.yml",
    ".gitlab-ci.yml",
    ".gitattributes",
    "docs/.gitattributes",
    "charts/cilium/README.md",
    "charts/cilium/Chart.yaml",
    "charts/cilium/values.yaml",
    "charts/cilium/.helmignore",
    "charts/cilium/files/x.json",
    "charts/cilium/templates/a.yaml",
    "charts/cilium/charts/sub-1.0.0.tgz",
    "model/plan/package.json",
    "model/live/status/run.cjs",
    "model/plan/addon.node",
    ".gitmodules",
    "policy/pack.ts",
    "Pulumi.json",
    "Pulumi.capi-1.json",
    "components/renamed.ts",
    "model/package.json",
    "node_modules/yaml/index.js",
    "a-submodule",
    "tools/tools.sha256",
    "an-unknown-file",
  ]) {
    it(`${file}: a plan does not show all of its effect, so the risk is high and the reason is given`, () => {
      const change = same([file]);
      assert.equal(change.level, "high");
      assert.ok(change.headline.text().startsWith(`${file}: a plan does not show`), change.headline.text());
    });
  }

  for (const file of ["docs/a.md", "test/a.test.ts", "lab/rehearse.ts", "Pulumi.capi-1.yaml"]) {
    it(`${file}: is no code of a deployment, or what the comparison shows`, () =>
      assert.equal(same([file]).level, "none"));
  }

  it("is high where the base's code could not plan, with the reason", () => {
    const change = same([], { unplanned: "Error: no module x" });
    assert.equal(change.level, "high");
    assert.match(change.effects[0]?.effect.text() ?? "", /could not plan \(Error: no module x\)/);
    assert.doesNotMatch(change.headline.text(), /nothing changes/);
  });

  it("is high for the kubeconfig of the management cluster, wherever it is", () => {
    const paths = ["docs/management.yaml"];
    assert.equal(same(paths, { kubeconfig: "docs/management.yaml" }).level, "high");
    assert.equal(same(paths, { kubeconfig: "docs/other.yaml" }).level, "none");
  });

  it("is high while links or submodules are among the code: what they lead to changes without them", () => {
    const change = same([], { links: ["components/wait.ts", "docs/a", "test/fixtures/a"] });
    assert.equal(change.level, "high");
    assert.match(change.headline.text(), /^components\/wait\.ts leads elsewhere/);
    assert.equal(same([], { links: ["docs/a", "test/fixtures/a"] }).level, "none");
  });

  it("does not hide what the stack file itself changes", () => {
    const change = changeOf((raw) => void (raw["protect"] = false), { code: { paths: ["index.ts"] } });
    assert.deepEqual(
      change.effects.map(({ level }) => level),
      ["high", "medium"],
    );
  });
});

describe("what counts as code", () => {
  it("is every file that a program of an update consists of, and every one that the gate loads", () => {
    const program = Object.keys(programFiles());
    const loaded = loadedWith([
      "ops/commands/process.ts",
      "ops/commands/gate-action.ts",
      "ops/commands/affected.ts",
    ]);
    assert.ok(program.length > 200 && loaded.length > 100);
    assert.deepEqual(
      [...program, ...loaded].filter((file) => !isCode(file)),
      [],
    );
  });
});
