import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { writeShellEnvironment } from "../../lab/rehearsal/prepare";

describe("the environment that the lab's shell sources", () => {
  it("is what it was, whatever characters it has", () => {
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), "metal-"));
    const planted = path.join(directory, "executed");
    for (const value of [
      `/home/o'brien/$(touch ${planted})`,
      `a"b\`touch ${planted}\``,
      "two\nlines '' ;exit 1",
    ]) {
      writeShellEnvironment(directory, { KUBECONFIG: value });
      const script = '. "$1/shell.env"; printf %s "$KUBECONFIG"';
      assert.equal(execFileSync("sh", ["-c", script, "sh", directory], { encoding: "utf8" }), value);
    }
    assert.ok(!fs.existsSync(planted));
    assert.equal(fs.statSync(path.join(directory, "shell.env")).mode & 0o777, 0o600);
  });
});
