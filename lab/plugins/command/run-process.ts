import { spawn } from "node:child_process";
import os from "node:os";
import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { ProviderError } from "../grpc/provider";

/** Which streams are reported line by line while the process runs. */
export type Logging = "stdout" | "stderr" | "stdoutAndStderr" | "none";

/** One process: `argv` with the command text last; `environment` is added to the plugin's own. */
export interface ProcessSpec {
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly dir?: string;
  readonly stdin?: string;
  readonly logging: Logging;
}

/** Both streams in full, one trailing newline removed. */
export interface ProcessOutput {
  readonly stdout: string;
  readonly stderr: string;
}

/** Go's spelling of an exit: `exit status 3`, `signal: killed`. */
function exitText(code: number | null, signal: NodeJS.Signals | null): string {
  if (signal === null) return `exit status ${code ?? -1}`;
  const names: Partial<Record<NodeJS.Signals, string>> = {
    SIGKILL: "killed",
    SIGTERM: "terminated",
    SIGINT: "interrupt",
    SIGHUP: "hangup",
    SIGSEGV: "segmentation fault",
    SIGABRT: "aborted",
    SIGPIPE: "broken pipe",
  };
  return `signal: ${names[signal] ?? `signal ${os.constants.signals[signal]}`}`;
}

function startError(error: NodeJS.ErrnoException, program: string): string {
  if (error.code !== "ENOENT") return `fork/exec ${program}: ${error.message}`;
  return program.includes("/")
    ? `fork/exec ${program}: no such file or directory`
    : `exec: ${quoted(program)}: executable file not found in $PATH`;
}

/** Collects a stream as text, passing every complete line (and a last one without newline) to `onLine`. */
function collect(stream: Readable, onText: (text: string) => void, onLine: (line: string) => void): void {
  const decoder = new StringDecoder("utf8");
  let pending = "";
  stream.on("data", (chunk: Buffer) => {
    const text = decoder.write(chunk);
    onText(text);
    const lines = (pending + text).split("\n");
    pending = lines.pop() ?? "";
    lines.forEach(onLine);
  });
  stream.on("end", () => {
    if (pending !== "") onLine(pending);
  });
}

function trimmed(text: string): string {
  return text.endsWith("\n") ? text.slice(0, -1) : text;
}

/**
 * Runs a process as the real plugin does: when `signal` aborts, only the direct child is killed (SIGKILL), and the
 * call still waits until everybody who inherited its stdout and stderr has closed them. Fails with
 * `<exit>: running "<command>":` and all output in the order it came.
 */
export function runProcess(
  spec: ProcessSpec,
  signal: AbortSignal,
  onLine: (line: string) => void,
): Promise<ProcessOutput> {
  const program = spec.argv[0] ?? "";
  const command = spec.argv.at(-1) ?? "";
  return new Promise((resolve, reject) => {
    let stdout = "";
    let stderr = "";
    let both = "";
    const fail = (exit: string): void =>
      reject(new ProviderError(`${exit}: running ${quoted(command)}:\n${both}`));
    const child = spawn(program, spec.argv.slice(1), {
      env: { ...process.env, ...spec.environment },
      stdio: ["pipe", "pipe", "pipe"],
      ...(spec.dir === undefined ? {} : { cwd: spec.dir }),
    });
    const kill = (): void => void child.kill("SIGKILL");
    if (signal.aborted) kill();
    else signal.addEventListener("abort", kill, { once: true });
    const logs = (stream: "stdout" | "stderr"): boolean =>
      spec.logging === stream || spec.logging === "stdoutAndStderr";
    const lineOf = (stream: "stdout" | "stderr") => (line: string) => {
      if (logs(stream)) onLine(line);
    };
    collect(child.stdout, (text) => ((stdout += text), (both += text)), lineOf("stdout"));
    collect(child.stderr, (text) => ((stderr += text), (both += text)), lineOf("stderr"));
    // A command that does not read its stdin closes it early; that is not an error of the command.
    child.stdin.on("error", () => child.stdin.destroy());
    child.stdin.end(spec.stdin ?? "");
    child.on("error", (error) => fail(startError(error, program)));
    child.on("close", (code, by) => {
      signal.removeEventListener("abort", kill);
      if (code === 0) resolve({ stdout: trimmed(stdout), stderr: trimmed(stderr) });
      else fail(exitText(code, by));
    });
  });
}

const short: Readonly<Record<string, string>> = {
  "\u0007": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
  "\\": "\\\\",
  '"': '\\"',
};

/** A string as Go's `%q` prints it: the real plugin's error texts quote commands this way. */
export function quoted(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what has to be found
  const escaped = text.replace(/[\u0000-\u001f\u007f"\\]/g, (character) => {
    const code = character.charCodeAt(0).toString(16).padStart(2, "0");
    return short[character] ?? `\\x${code}`;
  });
  return `"${escaped}"`;
}
