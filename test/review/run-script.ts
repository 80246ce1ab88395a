import childProcess from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

/** Runs a script as GitHub would, with programs that only note how they are called. */
export function runScript(
  script: string,
  programs: Readonly<Record<string, string>>,
  env: NodeJS.ProcessEnv,
) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), "metal-"));
  const bin = path.join(directory, "bin");
  fs.mkdirSync(bin);
  const temporary = path.join(directory, "temporary");
  fs.mkdirSync(path.join(temporary, "review"), { recursive: true });
  const calls = path.join(directory, "calls");
  fs.writeFileSync(calls, "");
  for (const [name, answer] of Object.entries(programs)) {
    const text = `#!/bin/bash\necho "${name} $*" >> "${calls}"\n${answer}\n`;
    fs.writeFileSync(path.join(bin, name), text, { mode: 0o755 });
  }
  const output = path.join(directory, "output");
  const { status, stdout, stderr } = childProcess.spawnSync(
    "bash",
    ["--noprofile", "--norc", "-eo", "pipefail", "-c", script],
    {
      cwd: directory,
      encoding: "utf8",
      env: {
        PATH: `${bin}:${process.env["PATH"]}`,
        GITHUB_OUTPUT: output,
        GITHUB_WORKSPACE: directory,
        RUNNER_TEMP: temporary,
        KUBECONFIG: path.join(directory, "kubeconfig"),
        ...env,
      },
    },
  );
  const read = (file: string) => (fs.existsSync(file) ? fs.readFileSync(file, "utf8") : "");
  return {
    status,
    stdout,
    stderr,
    directory,
    temporary,
    calls: read(calls).trimEnd().split("\n"),
    output: read(output),
    preview: read(path.join(temporary, "review/preview.txt")),
  };
}
