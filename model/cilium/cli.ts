import { stringify } from "yaml";
import type { CiliumPlan } from "../plan/plan";
import { beginningOf } from "../redaction/shown";
import { type SecretPath, withSecrets } from "../stack/secrets";
import { supportedVersions } from "../stack/supported-versions";

/** The oldest Cilium CLI that can be used, as a message names it. */
export const leastCli = `cilium-cli v${supportedVersions.ciliumCli.oldest}`;

/** One call of the Cilium CLI, for `bash -euo pipefail -c`. */
export interface CiliumCliCall {
  readonly script: string;
  readonly environment: Readonly<Record<string, string>>;
  /** The Helm values as YAML. */
  readonly stdin: string;
}

/** Separates the call's output from the copy of the script that Pulumi's Command puts in front of it in an error. */
const outputMark = "-- output of the Cilium CLI --";

/** Added to messages that a newer Cilium CLI resolves. */
const installFix = `install ${leastCli} or newer`;

/**
 * The call that renders. Settings travel in the environment and values on stdin, so nothing is quoted for a shell. The
 * script copies the values to a private temporary file, because the CLI reads each values file twice and finds nothing in
 * a pipe the second time.
 */
export function renderCall(
  plan: CiliumPlan,
  reveal: (path: SecretPath) => string | undefined,
): CiliumCliCall {
  return {
    script: [
      `echo "${outputMark}" >&2`,
      // A kubeconfig or in-cluster variables would make the CLI add values of that cluster to the render.
      "unset KUBERNETES_SERVICE_HOST KUBERNETES_SERVICE_PORT",
      'command -v cilium >/dev/null || { echo "cilium: not found" >&2; exit 127; }',
      'values=$(mktemp "${TMPDIR:-/tmp}/metal-values.XXXXXXXX")',
      // Its input ends when this shell and the CLI have ended, by SIGKILL too; only then the call's output ends.
      `exec 9> >(trap "" HUP INT QUIT TERM; cat >/dev/null; rm -f -- "$values")`,
      'cat >"$values"',
      'if [ -n "$CHART_DIRECTORY" ]; then set -- --chart-directory "$CHART_DIRECTORY"; else set -- --version "$CILIUM_VERSION"; fi',
      'exec cilium install --dry-run "$@" --values "$values"',
    ].join("\n"),
    environment: {
      KUBECONFIG: "/dev/null",
      CILIUM_VERSION: plan.version,
      CHART_DIRECTORY: plan.chartDirectory ?? "",
    },
    stdin: valuesText(withSecrets(plan.values, ["cilium", "values"], reveal)),
  };
}

/** Helm reads YAML 1.1, where an unquoted `yes`, `on` or `0o17` is no text: every text is quoted, and keys where 1.1 needs it. */
function valuesText(values: unknown): string {
  return stringify(values, {
    sortMapEntries: true,
    version: "1.1",
    defaultStringType: "QUOTE_DOUBLE",
    defaultKeyType: "PLAIN",
    aliasDuplicateObjects: false,
  });
}

/** Whether the CLI is not there at all. */
export function isCliMissing(message: string): boolean {
  return /cilium: not found/.test(cliOutput(message));
}

/** Why a call failed: the cause and the fix, from the error message of Pulumi's Command or from the call's stderr. */
export function cliProblem(plan: CiliumPlan, message: string): string {
  const output = cliOutput(message);
  const unchanged = `Cilium ${plan.version} could not be rendered, nothing was changed`;
  if (isCliMissing(message)) {
    return `the Cilium CLI is not on PATH, so nothing was rendered or changed; ${installFix}`;
  }
  if (output.includes("cluster unreachable")) {
    return `the Cilium CLI on PATH is too old: it needs a cluster to render; ${installFix}`;
  }
  if (/mktemp:|write error/.test(output)) {
    return (
      `${unchanged}: the Helm values cannot be written to a temporary file: ${lastLine(output)}; ` +
      "free space there, or set TMPDIR to a folder that can be written"
    );
  }
  if (isChartUnavailable(output)) {
    return (
      `${unchanged}: the Cilium CLI on PATH does not hold the chart of this version, and https://helm.cilium.io cannot be reached; ` +
      `install a newer cilium-cli, or unpack the chart and set cilium.chartDirectory to its folder`
    );
  }
  const errors = output
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line.startsWith("Error:"));
  const reason = errors.length > 0 ? errors.join(" ") : output.trim() || endOf(message);
  return `${unchanged}: ${reason}`;
}

/**
 * So much is read of what the CLI prints, in characters: what can be applied, which is a ConfigMap and a Secret of 1 MiB
 * each. What takes time after it, such as a comparison, is bounded by it too.
 */
export const mostOutput = 2 * 1024 * 1024;

/** Why the CLI's output is no manifest although it ended well, or was ended for its size; undefined when it looks like one. */
export function outputProblem(plan: CiliumPlan, stdout: string): string | undefined {
  const unchanged = `Cilium ${plan.version} could not be rendered, nothing was changed`;
  if (stdout.length > mostOutput)
    return (
      `${unchanged}: the Cilium CLI printed more than ${mostOutput / 1024 / 1024} MiB, and a cluster is given 1 MiB; ` +
      "disable what this cluster does not need in cilium.values, or use the released chart"
    );
  if (stdout.trim() === "")
    return `${unchanged}: the Cilium CLI on PATH printed no manifest; ${installFix}, and see what \`which cilium\` finds`;
  const first = stdout.split("\n").find((line) => line.trim() !== "") ?? "";
  if (/^(---|#|apiVersion:|kind:|metadata:)/.test(first)) return undefined;
  return (
    `${unchanged}: the Cilium CLI on PATH printed ${JSON.stringify(beginningOf(first, 200))} in front of the manifest; ` +
    "remove what causes this message, or use another cilium-cli"
  );
}

// What the CLI embeds is one patch release of each of some minors; for all others it contacts the chart repository.
function isChartUnavailable(output: string): boolean {
  return /not a valid chart repository or cannot be reached|chart "cilium" version "[^"]*" not found|no such host|dial tcp|connection refused|i\/o timeout|network is unreachable/.test(
    output,
  );
}

/** What the CLI printed: what follows the mark, or all of the text where the script ended before it. */
export function cliOutput(message: string): string {
  const lines = message.split("\n");
  const mark = lines.lastIndexOf(outputMark);
  return mark < 0 ? message : lines.slice(mark + 1).join("\n");
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}

/** How the call ended, such as `exit status 1` or `signal: killed`, without the script that follows in the message. */
function endOf(message: string): string {
  const end = /(exit status \d+|signal: \w+)(?=: running)/.exec(message)?.[1] ?? "it ended";
  const timedOut = end.startsWith("signal:") ? "; it may have taken too long" : "";
  return `${end} without a message${timedOut}`;
}

/** What a connectivity test is to be like. */
export interface ConnectivityWishes {
  /** How long Cilium may take to be ready, `5m`. */
  readonly timeout: string;
  /** Nothing outside the cluster can be reached. */
  readonly offline: boolean;
  /** Most tests need two nodes; others are left out. */
  readonly singleNode: boolean;
  readonly curlImage?: string;
  /** Tests to run, as the CLI spells them; all when left out. */
  readonly tests?: readonly string[];
}

/** Scenarios whose other end is in the internet, in whatever test they stand. */
const outside = ["!/pod-to-world", "!/pod-to-cidr"];
/** Tests that are about names of the internet as a whole. */
const outsideTests = ["!to-fqdns", "!fqdn"];

/** The Cilium CLI's calls, in order; the first one that fails ends the series. Logs are no terminal, so nothing is redrawn. */
export function connectivityCalls(wishes: ConnectivityWishes): readonly (readonly string[])[] {
  const { timeout, offline, singleNode, curlImage, tests = [] } = wishes;
  const named = [...tests, ...(offline ? [...outside, ...outsideTests] : [])];
  return [
    ["status", "--wait", "--wait-duration", timeout, "--interactive=false"],
    [
      "connectivity",
      "test",
      // Without Hubble the flows cannot be watched, and the CLI would try to.
      "--hubble=false",
      "--flow-validation=disabled",
      ...(singleNode ? ["--single-node"] : []),
      ...(curlImage === undefined ? [] : ["--curl-image", curlImage]),
      ...named.flatMap((pattern) => ["--test", pattern]),
    ],
  ];
}

/** The call that collects everything about Cilium into one archive; `output` has no ending, the CLI adds `.zip`. */
export function sysdumpCall(output: string, quick: boolean): readonly string[] {
  return ["sysdump", "--output-filename", output, "--hubble-flows-count", "0", ...(quick ? ["--quick"] : [])];
}
