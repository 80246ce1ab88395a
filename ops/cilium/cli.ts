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
      // The CLI ends first, and then this program in its own order, so that the kubeconfig's file is removed. Heard before the
      // CLI runs: its first deed may be answered by a signal.
      const stop = () => void child.kill("SIGINT");
      for (const signal of endingSignals) process.on(signal, stop);
      const child = spawn("cilium", args, {
        cwd: directory,
        env: { ...withoutSecretVariables(env), KUBECONFIG: file },
        stdio: ["ignore", "pipe", "pipe"],
      });
      const outputs = [child.stdout, child.stderr].map((stream) => {
        const paragraphs = new Paragraphs(err);
        stream.setEncoding("utf8").on("data", (text: string) => paragraphs.take(text));
        return paragraphs;
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
        outputs.forEach((paragraphs) => paragraphs.end());
        resolve(code ?? 1);
      });
    });
  } finally {
    folder.remove();
  }
}

/** Text that is held back until what belongs to it has come, in characters. */
const mostHeld = 64 * 1024;

/**
 * Passes on a stream in whole paragraphs: of a password or an escape that a pipe has cut in two, neither half would be
 * recognized, nor a text below the key that names it.
 */
class Paragraphs {
  private held = "";

  constructor(private readonly pass: (text: string) => void) {}

  /** A piece of the stream. */
  take(text: string): void {
    this.held += text;
    const lines = this.held.lastIndexOf("\n") + 1;
    // What is indented, or an item, may belong to the line above.
    const begins = [...this.held.slice(0, lines).matchAll(/^[\p{L}\p{N}_<([{]/gmu)].at(-1)?.index ?? 0;
    const end = lines > mostHeld ? lines : begins;
    if (end > 0) this.pass(this.held.slice(0, end));
    this.held = this.held.slice(end);
  }

  /** Nothing more comes. */
  end(): void {
    if (this.held !== "") this.pass(this.held.endsWith("\n") ? this.held : `${this.held}\n`);
    this.held = "";
  }
}
