import * as command from "@pulumi/command";
import { cliProblem, outputProblem, renderCall } from "../model/cilium/cli";
import type { CiliumRender } from "../model/cilium/manifest";
import { readRender } from "../model/cilium/proofs";
import type { SecretPath } from "../model/stack/secrets";
import { reportText } from "../model/findings/finding";
import type { CiliumPlan } from "../model/plan/plan";
import { runError } from "./messages";
import { interpreter } from "./program-command";
import type { RunMemory } from "./run-memory";

/** Gives the value of a secret path, and nothing for other texts. */
type Reveal = (path: SecretPath) => string | undefined;

/**
 * Renders with the Cilium CLI, in previews too, and proves the result; the diff of a pull request is real because of
 * it. Throws a RunError when the CLI is missing, too old or refuses the values, or when a proof fails.
 */
export async function renderCilium(
  plan: CiliumPlan,
  reveal: Reveal,
  memory: RunMemory,
): Promise<CiliumRender> {
  const proven = memory.recall("render", plan);
  if (proven !== undefined) return JSON.parse(proven) as CiliumRender;
  const rendered = await runCli(plan, reveal);
  const first = readRender(rendered, plan);
  // Secrets may travel only when they are the same each time, and that needs a second look.
  const holdsSecrets = first.render.objects.some(({ kind }) => kind === "Secret");
  const { render, findings } = holdsSecrets ? readRender(rendered, plan, await runCli(plan, reveal)) : first;
  if (findings.length > 0) {
    throw runError(
      `the rendered Cilium is refused; nothing was changed\n${reportText(findings, "cilium.values")}`,
    );
  }
  if (!holdsSecrets) memory.keep("render", plan, JSON.stringify(render));
  return render;
}

/** The Cilium CLI's call as a Command resource, or an invoke, takes it. */
export function renderCommand(plan: CiliumPlan, reveal: Reveal) {
  const { script, environment, stdin } = renderCall(plan, reveal);
  return {
    command: script,
    environment: { ...environment },
    stdin,
    interpreter,
    addPreviousOutputInEnv: false,
    logging: command.local.Logging.None,
  };
}

async function runCli(plan: CiliumPlan, reveal: Reveal): Promise<string> {
  const { stdout } = await command.local.run(renderCommand(plan, reveal)).catch((error: Error) => {
    throw runError(cliProblem(plan, error.message));
  });
  const problem = outputProblem(plan, stdout);
  if (problem !== undefined) throw runError(problem);
  return stdout;
}
