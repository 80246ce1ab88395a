import assert from "node:assert/strict";
import { codeEffects, isHiddenCode } from "../../model/change/code";
import { stackWith } from "../model/stacks";
import { programFiles } from "./program-files";
import { between, changeOf, side } from "./sides";

const same = (paths: readonly string[], more: { readonly unplanned?: string } = {}) =>
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
    "ops/upgrade/workload.ts",
    "model/cilium/ownership.ts",
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
    ".github/workflows/deploy.yml",
    ".gitattributes",
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
    it(`${file}: the plan does not show its effect, so the risk is high and the reason is given`, () => {
      const change = same([file]);
      assert.equal(change.level, "high");
      assert.ok(change.headline.text().startsWith(`${file}: the plan does not show`), change.headline.text());
    });
  }

  for (const file of [
    "docs/a.md",
    "test/a.test.ts",
    "model/plan/plan-cluster.ts",
    "model/live/verify/checks.ts",
  ]) {
    it(`${file}: the comparison of both plans shows its effect`, () =>
      assert.equal(same([file]).level, "none"));
  }

  it("is high where the base's code could not plan, with the reason", () => {
    const change = same(["model/plan/plan-cluster.ts"], { unplanned: "Error: no module x" });
    assert.equal(change.level, "high");
    assert.match(change.effects[0]?.effect.text() ?? "", /could not plan \(Error: no module x\)/);
    assert.doesNotMatch(change.headline.text(), /nothing changes/);
  });

  it("leaves out chart files whose manifests were rendered on both sides, and no others", () => {
    const paths = ["charts/cilium/values.yaml"];
    assert.deepEqual(codeEffects({ paths, renderedFolder: "charts/cilium" }), []);
    assert.equal(codeEffects({ paths, renderedFolder: "charts/cil" }).length, 1);
    assert.equal(codeEffects({ paths }).length, 1);
  });

  it("does not hide what the stack file itself changes", () => {
    const change = changeOf((raw) => void (raw["protect"] = false), { code: { paths: ["index.ts"] } });
    assert.deepEqual(
      change.effects.map(({ level }) => level),
      ["high", "medium"],
    );
  });
});

describe("which code the plan shows", () => {
  const inputs = programFiles();
  const files = Object.keys(inputs);

  it("counts every file that a program consists of as planned or hidden, never as outside of it", () => {
    assert.ok(files.length > 200);
    // What is neither hidden nor planned has no effect by definition; the planned rooms are these.
    const rooms = /^model\/(bgp|checks|net|plan|stack)\//;
    assert.deepEqual(
      files.filter((file) => !isHiddenCode(file) && !rooms.test(file)),
      [],
    );
  });

  it("counts no file as planned that components or programs call themselves, except for names and input", () => {
    const called = files
      .filter((file) => /^(index\.ts|components\/|ops\/(?!stack\/))/.test(file))
      .flatMap((file) => inputs[file]?.imports.map((each) => each.path) ?? [])
      .filter((file) => files.includes(file) && !isHiddenCode(file));
    assert.deepEqual([...new Set(called)].sort(), ["model/plan/images.ts", "model/plan/plan-cluster.ts"]);
  });
});
