import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { type CodeChange, codeEffects, isHiddenCode, reachesOut } from "../../model/change/code";
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
    "ops/metal.ts",
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
    "model/live/status/tree.ts",
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

  it("is high where planning code uses its surroundings, however the pull request is rated otherwise", () => {
    const paths = ["model/plan/plan-cluster.ts"];
    assert.equal(same(paths, { reaching: paths }).level, "high");
  });

  it("is high for the kubeconfig of the management cluster, wherever it is", () => {
    const paths = ["docs/management.yaml"];
    assert.equal(same(paths, { kubeconfig: "docs/management.yaml" }).level, "high");
    assert.equal(same(paths, { kubeconfig: "docs/other.yaml" }).level, "none");
    const inChart = ["charts/cilium/k.yaml"];
    const change = { kubeconfig: "charts/cilium/k.yaml", renderedFolder: "charts/cilium" };
    assert.equal(same(inChart, change).level, "high");
  });

  it("is high while links or submodules are among the code: what they lead to changes without them", () => {
    const change = same([], { links: ["components/wait.ts", "docs/a", "test/fixtures/a"] });
    assert.equal(change.level, "high");
    assert.match(change.headline.text(), /^components\/wait\.ts leads elsewhere/);
    assert.equal(same([], { links: ["docs/a", "test/fixtures/a"] }).level, "none");
  });

  it("leaves out chart files whose manifests were rendered on both sides, and no others", () => {
    const paths = ["charts/cilium/values.yaml"];
    assert.deepEqual(codeEffects({ paths, renderedFolder: "charts/cilium" }), []);
    assert.equal(codeEffects({ paths, renderedFolder: "charts/cil" }).length, 1);
    assert.equal(codeEffects({ paths }).length, 1);
    const attributes = ["charts/cilium/.gitattributes"];
    assert.equal(codeEffects({ paths: attributes, renderedFolder: "charts/cilium" }).length, 1);
  });

  it("does not hide what the stack file itself changes", () => {
    const change = changeOf((raw) => void (raw["protect"] = false), { code: { paths: ["index.ts"] } });
    assert.deepEqual(
      change.effects.map(({ level }) => level),
      ["high", "medium"],
    );
  });
});

describe("planning code that uses its surroundings", () => {
  const file = "model/plan/plan-cluster.ts";
  for (const text of [
    "if (process.argv.includes('gate')) return old;",
    "const here = globalThis;",
    'const { env } = require("./anything");',
    'import fs from "node:fs";',
    "import fs from 'fs';",
    'import "../../ops/stack/stack-files";',
    'import { x } from "../../docs/x";',
    'import { x } from "./../../components/x";',
    'const x = await import("./x");',
    "const x = import.meta.url;",
    '[]["filter"]["constructor"]("return 1")();',
    "\\u0065val(text);",
    "\\u{65}val(text);",
    "eval(text);",
    'fetch("https://example.com");',
    "if (Date.now() > 1) return old;",
    "const { random } = Math;",
    'import config from "../../eslint.config.mjs";',
    'import "..";\nimport "../../../outside";',
  ]) {
    it(`is recognized: ${text}`, () => assert.ok(reachesOut(file, () => text)));
  }

  it("is none of what only plans, nor any other file", () => {
    assert.ok(
      !reachesOut(
        file,
        () => 'import { z } from "zod";\nimport { x } from "../stack/x";\nimport y from "./y";',
      ),
    );
    assert.ok(!reachesOut("docs/a.md", () => "process.exit()"));
    assert.ok(reachesOut("model/live/verify/checks.ts", () => "process.exit()"));
  });

  it("is like a chart's file that renders something else at another time, or cannot be read", () => {
    const chart = "charts/cilium";
    const of = (name: string, text: string) => reachesOut(`${chart}/${name}`, () => text, chart);
    for (const call of [
      "now | unixEpoch",
      "randAlphaNum 5",
      'lookup "v1" "Secret" "" ""',
      "tpl .Values.x .",
      'date "2006" 0',
    ])
      assert.ok(of("templates/a.yaml", `{{ if ${call} }}\na: b\n{{ end }}`), call);
    assert.ok(of("charts/sub-1.0.0.tgz", ""));
    assert.ok(!of("templates/a.yaml", "a: {{ .Values.knowledge | quote }}"));
    assert.ok(!of("values.yaml", "date: now"));
    assert.ok(!reachesOut("charts/other/a.yaml", () => "{{ now }}", chart));
    const paths = [`${chart}/templates/a.yaml`];
    assert.equal(codeEffects({ paths, renderedFolder: chart, reaching: paths })[0]?.level, "high");
  });

  it("is rare among the code whose effect a plan shows, so that an edit is rated by that", () => {
    const root = path.join(__dirname, "../..");
    const shown = fs
      .readdirSync(path.join(root, "model"), { recursive: true, encoding: "utf8" })
      .map((name) => `model/${name}`)
      .filter((name) => name.endsWith(".ts") && !isHiddenCode(name));
    const reaching = shown.filter((name) =>
      reachesOut(name, () => fs.readFileSync(path.join(root, name), "utf8")),
    );
    assert.ok(reaching.includes("model/stack/partial-stack.ts"));
    assert.ok(reaching.length * 10 < shown.length, reaching.join());
  });
});

describe("which code the plan shows", () => {
  const inputs = programFiles();
  const files = Object.keys(inputs);
  // What is neither hidden nor planned has no effect by definition; the planned rooms are these.
  const rooms = /^model\/(bgp|checks|net|plan|stack)\//;

  it("rates what the gate's own process loads as planned or hidden, never as outside of it", () => {
    const loaded = loadedWith(["ops/metal.ts", "ops/commands/gate-action.ts", "ops/commands/affected.ts"]);
    assert.ok(loaded.length > 100);
    assert.deepEqual(
      loaded.filter((file) => !isHiddenCode(file) && !rooms.test(file)),
      [],
    );
  });

  it("counts every file that a program consists of as planned or hidden, never as outside of it", () => {
    assert.ok(files.length > 250);
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
