import { stringify } from "yaml";
import { type SecretPath, withSecrets } from "../config/secrets";
import { supportedVersions } from "../config/supported-versions";
import type { CiliumPlan } from "../plan/plan";

/** The oldest Cilium CLI that can be used, as a message names it. */
export const leastCli = `cilium-cli v${supportedVersions.ciliumCli.oldest}`;

/** One call of the Cilium CLI, for `bash -euo pipefail -c`. */
export interface CiliumCliCall {
  readonly script: string;
  readonly environment: Readonly<Record<string, string>>;
  /** The Helm values as YAML. */
  readonly stdin: string;
}

/** The call that renders; values travel on stdin and settings in the environment, so nothing is quoted for a shell. */
export function renderCall(
  plan: CiliumPlan,
  reveal: (path: SecretPath) => string | undefined,
): CiliumCliCall {
  return {
    script: [
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
  };
}

/** Whether the CLI is not there at all. */
export function isCliMissing(message: string): boolean {
  return /cilium: (command )?not found|exec: cilium/.test(message);
}

/** What went wrong with the CLI, from all that it and the shell said. */
export function cliProblem(plan: CiliumPlan, message: string): string {
  const said = message
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line.startsWith("Error:") || line.includes("not found"))
    .join(" ");
  if (isCliMissing(message)) {
    return `the Cilium CLI is not on PATH, so nothing was rendered or changed; install ${leastCli} or newer`;
  }
  if (message.includes("cluster unreachable")) {
    return `the Cilium CLI on PATH is too old: it needs a cluster to render; install ${leastCli} or newer`;
  }
  return `Cilium ${plan.version} could not be rendered, nothing was changed: ${said === "" ? message : said}`;
}
