import { connectivityCalls } from "../../model/cilium/cli-calls";
import {
  verdictCounts,
  verdictOf,
  verdictText,
  allFindings,
  isError,
  type Verdict,
} from "../../model/live/preflight/verdict";
import { verifyChecks } from "../../model/live/verify/checks";
import { runCilium } from "../cilium/cli";
import { renderHere } from "../cilium/render";
import { StackClusters } from "../live/clusters";
import { readRunning } from "../verify/read-running";
import { chosenPlan } from "./options";
import { type ExitCode, Refusal, type Terminal, exitCodes } from "./terminal";

/** Options of `verify`. */
export interface VerifyOptions {
  readonly stack?: string;
  readonly json?: true;
  readonly connectivity?: true;
  readonly offline?: true;
  readonly curlImage?: string;
  readonly test?: readonly string[];
  readonly timeout: string;
}

/** Reads both clusters, runs every check, and with `--connectivity` the Cilium CLI's tests. Returns the exit code. */
export async function verifyAction(terminal: Terminal, options: VerifyOptions): Promise<ExitCode> {
  const misplaced = options.connectivity === true ? undefined : onlyForConnectivity(options);
  if (misplaced !== undefined) throw new Refusal(`${misplaced} requires --connectivity`);
  const { name, plan } = chosenPlan(terminal, options.stack);
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
  return verdicts.some(({ unknown }) => unknown.length > 0) ? exitCodes.couldNotTell : exitCodes.holds;
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
  const { timeout, offline, curlImage, test } = options;
  const calls = connectivityCalls({
    timeout,
    offline: offline === true,
    singleNode: machines.controlPlane + machines.workers === 1,
    ...(curlImage === undefined ? {} : { curlImage }),
    ...(test === undefined ? {} : { tests: test }),
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
