import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { type CiliumCliCall, cliProblem, isCliMissing, renderCall } from "../../model/cilium/cli";
import { readRender } from "../../model/cilium/manifest";
import { reportText } from "../../model/findings";
import type { CiliumPlan } from "../../model/plan/plan";
import type { RenderOutcome } from "../preflight/check";

const timeoutSeconds = 110;

/** The manifest as the Cilium CLI prints it, or why there is none. */
export type RenderedText =
  | { readonly text: string; readonly refused?: undefined; readonly missing?: undefined }
  | { readonly text?: undefined; readonly refused: string; readonly missing?: undefined }
  | { readonly text?: undefined; readonly refused?: undefined; readonly missing: string };

/**
 * Renders with the Cilium CLI of PATH, as the program does, but without the values of secrets: encrypted ones are not
 * known here. The text is as Pulumi's Command hands it on, without its last line break, so that it equals what was
 * applied. Tells why there is no text instead of throwing.
 */
export async function renderedText(
  plan: CiliumPlan,
  directory: string,
  env: NodeJS.ProcessEnv,
): Promise<RenderedText> {
  const call = renderCall(plan, () => undefined);
  const { code, stdout, stderr } = await runCli(call, directory, env);
  if (code === 0) return { text: stdout.replace(/\n$/, "") };
  if (isCliMissing(stderr)) return { missing: "the Cilium CLI is not on PATH, so nothing was rendered" };
  return { refused: cliProblem(plan, stderr) };
}

/** The same, read and proven. */
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

/** Runs one call of the Cilium CLI; `code` is null when it could not be started or took too long. */
export function runCli(
  { script, environment, stdin }: CiliumCliCall,
  directory: string,
  env: NodeJS.ProcessEnv,
): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  // The CLI opens its values by name, which fails on the socket that Node gives its children; a file can be opened.
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "metal-render-"));
  const file = path.join(folder, "values.yaml");
  fs.writeFileSync(file, stdin, { mode: 0o600 });
  const input = fs.openSync(file, "r");
  return new Promise((resolve) => {
    const child = spawn("/bin/bash", ["--norc", "-euo", "pipefail", "-c", script], {
      env: { ...env, ...environment },
      cwd: directory,
      stdio: [input, "pipe", "pipe"],
      timeout: timeoutSeconds * 1000,
    });
    const said = { stdout: "", stderr: "" };
    child.stdout?.setEncoding("utf8").on("data", (text: string) => (said.stdout += text));
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (said.stderr += text));
    const end = (code: number | null, stderr: string) => {
      fs.closeSync(input);
      fs.rmSync(folder, { recursive: true, force: true });
      resolve({ code, stdout: said.stdout, stderr });
    };
    child.on("error", (error) => end(null, error.message));
    child.on("close", (code) => end(code, said.stderr));
  });
}
