import { type ChildProcess, spawn } from "node:child_process";
import {
  type CiliumCliCall,
  cliProblem,
  isCliMissing,
  mostOutput,
  outputProblem,
  renderCall,
} from "../../model/cilium/cli";
import { readRender } from "../../model/cilium/proofs";
import { reportText } from "../../model/findings/finding";
import type { CiliumPlan } from "../../model/plan/plan";
import { withoutSecretVariables } from "../../model/redaction/text";
import type { RenderOutcome } from "../preflight/check";
import { foreignEntry } from "../stack/project-files";
import { endingSignals } from "../temporary-folder";

const timeoutSeconds = 110;

/** The manifest as the Cilium CLI prints it, or why there is none. */
export type RenderedText =
  | { readonly text: string; readonly refused?: undefined; readonly missing?: undefined }
  | { readonly text?: undefined; readonly refused: string; readonly missing?: undefined }
  | { readonly text?: undefined; readonly refused?: undefined; readonly missing: string };

/**
 * Renders with the Cilium CLI of PATH, as the program does, but without the values of secrets: encrypted ones are not
 * known here. The text is as Pulumi's Command hands it on, without its last line break, so that it equals what was
 * applied. Returns the reason where there is no text instead of throwing.
 */
export async function renderedText(
  plan: CiliumPlan,
  directory: string,
  env: NodeJS.ProcessEnv,
): Promise<RenderedText> {
  const { chartDirectory } = plan;
  const foreign = chartDirectory === undefined ? undefined : foreignEntry(directory, chartDirectory);
  if (foreign !== undefined) return { refused: foreign };
  const call = renderCall(plan, () => undefined);
  const { code, stdout, stderr } = await runCli(call, directory, env);
  if (code === 0 || stdout.length > mostOutput) {
    const refused = outputProblem(plan, stdout);
    return refused === undefined ? { text: stdout.replace(/\n$/, "") } : { refused };
  }
  if (isCliMissing(stderr)) return { missing: "the Cilium CLI is not on PATH, so nothing was rendered" };
  return { refused: cliProblem(plan, stderr) };
}

/** The render, parsed and proven. */
export async function renderHere(
  plan: CiliumPlan,
  directory: string,
  env: NodeJS.ProcessEnv,
): Promise<RenderOutcome> {
  const rendered = await renderedText(plan, directory, env);
  if (rendered.text === undefined) return rendered;
  const { render, findings } = readRender(rendered.text, plan, rendered.text);
  if (findings.length > 0) return { refused: reportText(findings, "the rendered Cilium") };
  return { render };
}

/**
 * Runs one call of the Cilium CLI; `code` is null when it could not be started, took too long or printed more than
 * {@link mostOutput}. It ends with this process: without a reader it would run on, and keep the file with its values.
 */
export function runCli(
  { script, environment, stdin }: CiliumCliCall,
  directory: string,
  env: NodeJS.ProcessEnv,
): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  return new Promise((resolve) => {
    const child = spawn("/bin/bash", ["--norc", "-euo", "pipefail", "-c", script], {
      env: { ...withoutSecretVariables(env), ...environment },
      cwd: directory,
      // A process group of its own, with all that the CLI starts.
      detached: true,
    });
    const stop = () => endGroup(child);
    const stopAndExit = (_name: NodeJS.Signals, signal: number) => process.exit(128 + signal);
    // Registered for as long as the call takes; a process that exits also ends it.
    for (const signal of endingSignals) process.once(signal, stopAndExit);
    process.once("exit", stop);
    const timer = setTimeout(stop, timeoutSeconds * 1000);
    const output = { stdout: "", stderr: "" };
    const take = (name: keyof typeof output) => (text: string) => {
      if (output[name].length > mostOutput) return;
      output[name] += text;
      if (output[name].length > mostOutput) stop();
    };
    child.stdout.setEncoding("utf8").on("data", take("stdout"));
    child.stderr.setEncoding("utf8").on("data", take("stderr"));
    // A call that fails early closes its input; its exit code and stderr report the reason.
    child.stdin.on("error", () => undefined);
    child.stdin.end(stdin);
    const end = (code: number | null, stderr = output.stderr) => {
      for (const signal of endingSignals) process.off(signal, stopAndExit);
      process.off("exit", stop);
      clearTimeout(timer);
      resolve({ code, stdout: output.stdout, stderr });
    };
    child.on("error", (error) => end(null, error.message));
    child.on("close", (code) => end(code));
  });
}

/** Ends the CLI and what it started; what removes the file of the values ignores this signal, and ends once they have. */
function endGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  // First, so that it starts nothing more.
  child.kill("SIGKILL");
  try {
    process.kill(-child.pid, "SIGTERM");
  } catch {
    // All of them have ended.
  }
}
