import assert from "node:assert/strict";
import childProcess from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { ensureTools, showProgress } from "../../lab/toolchain/index";
import { workflowFolder } from "../review/workflows";

describe("GitHub's workflows, read by actionlint", () => {
  let actionlint: string;
  before(async function () {
    this.timeout(20 * 60_000);
    actionlint = (await ensureTools(["actionlint"], showProgress(process.stderr))).tool("actionlint");
  });

  const lint = (...args: readonly string[]) => {
    const { status, stdout, stderr } = childProcess.spawnSync(
      actionlint,
      ["-no-color", "-shellcheck=", "-pyflakes=", ...args],
      {
        encoding: "utf8",
      },
    );
    return { status, text: stdout + stderr };
  };

  it("finds nothing in any of them", () => {
    const files = fs.readdirSync(workflowFolder).map((file) => path.join(workflowFolder, file));
    assert.ok(files.length >= 3);
    assert.deepEqual(lint(...files), { status: 0, text: "" });
  });

  it("would find a branch's name in a script, a need for a job that is not there, and an unknown input", () => {
    const folder = fs.mkdtempSync(path.join(path.dirname(actionlint), "workflow-"));
    const file = path.join(folder, "bad.yml");
    const text = fs.readFileSync(path.join(workflowFolder, "preview.yml"), "utf8");
    fs.writeFileSync(
      file,
      text
        .replace("run: tools/runner.sh", 'run: echo "${{ github.head_ref }}"')
        .replace("needs: affected", "needs: effected")
        .replace("persist-credentials", "keep-credentials"),
    );
    const { status, text: found } = lint(file);
    fs.rmSync(folder, { recursive: true });
    assert.equal(status, 1);
    assert.match(found, /"github\.head_ref" is potentially untrusted/);
    assert.match(found, /"effected"/);
  });
});
