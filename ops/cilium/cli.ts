import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { leastCli } from "../../model/cilium/cli";
import { withoutSecretVariables } from "../../model/redaction/text";
import { Refusal, type Terminal } from "../commands/terminal";
import { TemporaryFolder, endingSignals } from "../temporary-folder";

/**
 * Runs the Cilium CLI of PATH against the cluster of this kubeconfig; all that it says goes to standard error, as it comes.
 * Returns its exit code. The kubeconfig is in a file of its own for as long as that lasts.
 */
export async function runCilium(
  args: readonly string[],
  kubeconfig: string,
  { env, directory, err }: Pick<Terminal, "env" | "directory" | "err">,
): Promise<number> {
  const folder = new TemporaryFolder();
  const file = path.join(folder.path, "kubeconfig");
  try {
    fs.writeFileSync(file, kubeconfig, { mode: 0o600 });
    return await new Promise<number>((resolve, reject) => {
      const child = spawn("cilium", args, {
        cwd: directory,
        env: { ...withoutSecretVariables(env), KUBECONFIG: file },
        stdio: ["ignore", "pipe", "pipe"],
      });
      // The CLI ends first, and then this program in its own order, so that the kubeconfig's file is removed.
      const stop = () => void child.kill("SIGINT");
      for (const signal of endingSignals) process.on(signal, stop);
      const outputs = [child.stdout, child.stderr].map((stream) => {
        const lines = new WholeLines(err);
        stream.setEncoding("utf8").on("data", (text: string) => lines.take(text));
        return lines;
      });
      const done = () => endingSignals.forEach((signal) => process.off(signal, stop));
      child.on("error", (error: NodeJS.ErrnoException) => {
        done();
        reject(
          error.code === "ENOENT"
            ? new Refusal(`the Cilium CLI is not on PATH; install ${leastCli} or newer`)
            : error,
        );
      });
      child.on("close", (code) => {
        done();
        outputs.forEach((lines) => lines.end());
        resolve(code ?? 1);
      });
    });
  } finally {
    folder.remove();
  }
}

/** Passes on a stream line by line: of a password or an escape that a pipe has cut in two, neither half would be recognized. */
class WholeLines {
  private begun = "";

  constructor(private readonly pass: (text: string) => void) {}

  /** A piece of the stream. */
  take(text: string): void {
    const end = text.lastIndexOf("\n") + 1;
    if (end > 0) this.pass(this.begun + text.slice(0, end));
    this.begun = end > 0 ? text.slice(end) : this.begun + text;
  }

  /** Nothing more comes. */
  end(): void {
    if (this.begun !== "") this.pass(`${this.begun}\n`);
    this.begun = "";
  }
}
