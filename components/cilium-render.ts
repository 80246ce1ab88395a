import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";
import { type CiliumRender, readRender } from "../model/cilium/manifest";
import { type SecretPath, withSecrets } from "../model/config/secrets";
import { reportText } from "../model/findings";
import type { CiliumPlan } from "../model/plan/plan";

/** Gives the value of a secret path, and nothing for other texts. */
type Reveal = (path: SecretPath) => string | undefined;

/**
 * Renders with the Cilium CLI, in previews too, and proves the result; the diff of a pull request is real because of
 * it. Throws a RunError when the CLI is missing, too old or refuses the values, or when a proof fails.
 */
export async function renderCilium(plan: CiliumPlan, reveal: Reveal): Promise<CiliumRender> {
  const rendered = await runCli(plan, reveal);
  const first = readRender(rendered, plan);
  // Secrets may travel only when they are the same each time, and that needs a second look.
  const holdsSecrets = first.render.objects.some(({ kind }) => kind === "Secret");
  const { render, findings } = holdsSecrets ? readRender(rendered, plan, await runCli(plan, reveal)) : first;
  if (findings.length > 0) {
    throw new pulumi.RunError(
      `the rendered Cilium is refused; nothing was changed\n${reportText(findings, "cilium.values")}`,
    );
  }
  return render;
}

/** The Cilium CLI's call; values travel on stdin and settings in the environment, so nothing is quoted for a shell. */
export function renderCommand(plan: CiliumPlan, reveal: Reveal) {
  return {
    command: [
      // A kubeconfig or in-cluster variables would make the CLI add values of that cluster to the render.
      "unset KUBERNETES_SERVICE_HOST KUBERNETES_SERVICE_PORT",
      'if [ -n "$CHART_DIRECTORY" ]; then set -- --chart-directory "$CHART_DIRECTORY"; else set -- --version "$CILIUM_VERSION"; fi',
      'exec cilium install --dry-run "$@" --values /dev/stdin',
    ].join("\n"),
    environment: {
      KUBECONFIG: "/dev/null",
      CILIUM_VERSION: plan.version,
      CHART_DIRECTORY: plan.chartDirectory ?? "",
    },
    stdin: stringify(withSecrets(plan.values, reveal), { sortMapEntries: true }),
    // No start-up files: bash reads them when its stdin is a socket, and they are none of ours.
    interpreter: ["/bin/bash", "--norc", "-euo", "pipefail", "-c"],
    addPreviousOutputInEnv: false,
    logging: command.local.Logging.None,
  };
}

async function runCli(plan: CiliumPlan, reveal: Reveal): Promise<string> {
  try {
    return (await command.local.run(renderCommand(plan, reveal))).stdout;
  } catch (error) {
    throw new pulumi.RunError(cliProblem(plan, (error as Error).message));
  }
}

function cliProblem(plan: CiliumPlan, message: string): string {
  const said = message
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line.startsWith("Error:") || line.includes("not found"))
    .join(" ");
  if (/cilium: (command )?not found|exec: cilium/.test(message)) {
    return "the Cilium CLI is not on PATH, so nothing was rendered or changed; install cilium-cli v0.19.2 or newer";
  }
  if (message.includes("cluster unreachable")) {
    return "the Cilium CLI on PATH is too old: it needs a cluster to render; install cilium-cli v0.19.2 or newer";
  }
  return `Cilium ${plan.version} could not be rendered, nothing was changed: ${said === "" ? message : said}`;
}
