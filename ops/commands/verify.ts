import { Command, Option } from "commander";
import {
  type Verdict,
  allFindings,
  isError,
  verdictCounts,
  verdictOf,
  verdictText,
} from "../../model/live/preflight/check-result";
import type { StackClusters } from "../live/clusters";
import { chosenPlan, stackOption } from "./options";
import { Refusal, type Terminal } from "./terminal";
import { type ExitCode, exitCodes } from "../exit-codes";
import { defined } from "../../model/kubernetes/object";

/** Options of `verify`. */
interface VerifyOptions {
  readonly stack?: string;
  readonly json?: true;
  readonly connectivity?: true;
  readonly offline?: true;
  readonly curlImage?: string;
  readonly test?: readonly string[];
  readonly timeout: string;
}

/** `verify`: everything that holds on a healthy cluster, as named checks. Changes nothing. */
export function verifyCommand(terminal: Terminal): Command {
  return new Command("verify")
    .description(
      "compare a running cluster with its stack: objects, nodes, Cilium, BGP, certificates; changes nothing",
    )
    .addOption(stackOption())
    .option("--json", "print every result as JSON")
    .option(
      "--connectivity",
      "afterwards run the connectivity tests of the Cilium CLI, which create pods and remove them again",
    )
    .option("--offline", "with --connectivity: skip tests that need the internet")
    .option(
      "--curl-image <image>",
      "with --connectivity: image of the test clients, where the default registry cannot be reached",
    )
    .option("--test <pattern...>", "with --connectivity: only these tests, as the Cilium CLI names them")
    .addOption(
      new Option("--timeout <duration>", "with --connectivity: how long Cilium may take to be ready").default(
        "5m",
      ),
    )
    .addHelpText(
      "after",
      "\nExits with 0 when all checks hold, 1 for findings, 2 when a check could not be decided.\n" +
        "Examples:\n  npm run metal -- verify --stack capi-1\n  npm run metal -- verify --json\n" +
        "  npm run metal -- verify --connectivity --offline",
    )
    .action(async (options: VerifyOptions) => {
      terminal.end(await verifyAction(terminal, options));
    });
}

/** Reads both clusters, runs every check, and with `--connectivity` the Cilium CLI's tests. Returns the exit code. */
async function verifyAction(terminal: Terminal, options: VerifyOptions): Promise<ExitCode> {
  const misplaced = options.connectivity === true ? undefined : onlyForConnectivity(options);
  if (misplaced !== undefined) throw new Refusal(`${misplaced} requires --connectivity`);
  const { name, plan } = chosenPlan(terminal, options.stack);
  const [{ StackClusters }, { renderHere }, { readRunning }, { verifyChecks }] = await Promise.all([
    import("../live/clusters.js"),
    import("../cilium/render.js"),
    import("../verify/read-running.js"),
    import("../../model/live/verify/checks.js"),
  ]);
  await using clusters = new StackClusters(plan, terminal.directory);
  const rendered = await renderHere(plan.cilium, terminal.directory, terminal.env);
  const running = await readRunning(plan, clusters, rendered, () => terminal.now().getTime());
  const verdicts = verifyChecks.map((check) => verdictOf(check, check.judge(running)));
  print(terminal, name, verdicts, options.json === true);
  const code = codeOf(verdicts);
  if (options.connectivity !== true) return code;
  return worse(code, await connectivity(terminal, clusters, options, plan.cilium.machines));
}

function onlyForConnectivity({ offline, curlImage, test }: VerifyOptions): string | undefined {
  if (offline === true) return "--offline";
  if (curlImage !== undefined) return "--curl-image";
  return test === undefined ? undefined : "--test";
}

function print(terminal: Terminal, subject: string, verdicts: readonly Verdict[], json: boolean): void {
  if (json) terminal.json({ subject, verdicts }, 2);
  else terminal.out([...verdicts.map(verdictText), `${subject}: ${verdictCounts(verdicts)}`].join("\n"));
}

function codeOf(verdicts: readonly Verdict[]): ExitCode {
  if (allFindings(verdicts).some(isError)) return exitCodes.findings;
  return verdicts.some(({ unknown }) => unknown.length > 0) ? exitCodes.undecided : exitCodes.holds;
}

/** A finding is certain, so it takes precedence over an undecided check. */
function worse(a: ExitCode, b: ExitCode): ExitCode {
  if (a === exitCodes.findings || b === exitCodes.findings) return exitCodes.findings;
  return a === exitCodes.holds ? b : a;
}

async function connectivity(
  terminal: Terminal,
  clusters: StackClusters,
  options: VerifyOptions,
  machines: { readonly controlPlane: number; readonly workers: number },
): Promise<ExitCode> {
  const { connectivityCalls } = await import("../../model/cilium/cli.js");
  const { runCilium } = await import("../cilium/cli.js");
  const { timeout, offline, curlImage, test } = options;
  const calls = connectivityCalls({
    timeout,
    offline: offline === true,
    singleNode: machines.controlPlane + machines.workers === 1,
    ...defined({ curlImage, tests: test }),
  });
  const kubeconfig = await clusters.kubeconfig();
  if (kubeconfig === undefined) throw new Refusal(`Secret ${clusters.kubeconfigSecret} does not exist`);
  for (const args of calls) {
    terminal.err(`$ cilium ${args.join(" ")}\n`);
    const code = await runCilium(args, kubeconfig, terminal);
    if (code !== 0) return exitCodes.findings;
  }
  return exitCodes.holds;
}
