import fs from "node:fs";
import os from "node:os";
import path from "node:path";

/** An environment whose PATH begins with a program of this name that runs a shell script. */
export function commandOnPath(name: string, script: string): NodeJS.ProcessEnv {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "metal-bin-"));
  fs.writeFileSync(path.join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return { PATH: `${folder}:${process.env["PATH"] ?? ""}` };
}
