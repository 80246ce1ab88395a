import { Command, Option } from "commander";
import type { Report } from "../../model/findings/report";
import {
  type Verdict,
  allFindings,
  isError,
  verdictCounts,
  verdictText,
} from "../../model/live/preflight/check-result";
import type { Stack } from "../../model/stack/schema";
import type { PreflightCheck } from "../preflight/check";
import { judgeStackFile, planFrom } from "../stack/read-stack-file";
import {
  type ReportOptions,
  chosenStack,
  formatOption,
  jsonOption,
  printReport,
  stackOption,
} from "./options";
import { Refusal, type Terminal } from "./terminal";
import { type ExitCode, exitCodes } from "../exit-codes";

/** Options of `preflight`. */
interface PreflightOptions extends ReportOptions {
  readonly stack?: string;
  readonly only?: readonly string[];
  readonly network?: true;
}

/** `preflight`: checks that need the live clusters. Changes nothing. */
export function preflightCommand(terminal: Terminal): Command {
  return new Command("preflight")
    .description(
      "check against the management cluster, and the network, whether this stack can be deployed; changes nothing",
    )
    .addOption(stackOption())
    .addOption(
      new Option(
        "--only <area...>",
        "only the checks of these areas (hosts), or these checks (hosts/selectable)",
      ),
    )
    .addOption(
      new Option("--network", "also check the image, its checksum and the routers, from this machine"),
    )
    .addOption(formatOption())
    .addOption(jsonOption())
    .addHelpText(
      "after",
      "\nExamples:\n  npm run metal -- preflight --stack capi-1\n  npm run metal -- preflight --only hosts providers\n" +
        "  npm run metal -- preflight --network --json",
    )
    .action(async (options: PreflightOptions) => {
      terminal.end(await preflightAction(terminal, options));
    });
}

/** Runs the preflight of one stack and prints every verdict. Returns the exit code. */
async function preflightAction(terminal: Terminal, options: PreflightOptions): Promise<ExitCode> {
  const { preflightChecks } = await import("../preflight/preflight.js");
  const chosen = checksOf(options.only, preflightChecks);
  const name = chosenStack(terminal, options.stack);
  const judged = judgeStackFile(terminal.directory, name, terminal.now());
  const { stack, source } = judged;
  if (stack === undefined || judged.findings.some(isError)) {
    printReport(terminal, options, judged);
    terminal.err("the live checks run once the stack file has no errors\n");
    return stack === undefined ? exitCodes.undecided : exitCodes.findings;
  }
  const { verdicts, failure } = await verdictsOf(terminal, stack, chosen, options.network === true);
  print(terminal, options, verdicts, {
    subject: name,
    source,
    findings: allFindings(verdicts),
    checksRun: verdicts.length,
    why: (id) => verdicts.find((verdict) => verdict.id === id)?.why,
  });
  // An unusable kubeconfig gives no information about the cluster.
  const { KubeconfigError } = await import("../kubernetes/kubeconfig.js");
  if (failure instanceof KubeconfigError) return exitCodes.undecided;
  if (allFindings(verdicts).some(isError)) return exitCodes.findings;
  return verdicts.some(({ unknown }) => unknown.length > 0) ? exitCodes.undecided : exitCodes.holds;
}

function checksOf(
  only: readonly string[] | undefined,
  preflightChecks: readonly PreflightCheck[],
): readonly PreflightCheck[] {
  if (only === undefined) return preflightChecks;
  const areaOf = (id: string) => id.split("/")[0] ?? "";
  const wanted = only.flatMap((each) => each.split(","));
  const unknown = wanted.filter(
    (name) => !preflightChecks.some(({ id }) => id === name || areaOf(id) === name),
  );
  if (unknown.length > 0) {
    const areas = [...new Set(preflightChecks.map(({ id }) => areaOf(id)))];
    throw new Refusal(`there is no area or check "${unknown.join('", "')}"; areas are ${areas.join(", ")}`);
  }
  return preflightChecks.filter(({ id }) => wanted.includes(id) || wanted.includes(areaOf(id)));
}

async function verdictsOf(
  terminal: Terminal,
  stack: Stack,
  checks: readonly PreflightCheck[],
  network: boolean,
): Promise<{ readonly verdicts: readonly Verdict[]; readonly failure: unknown }> {
  const [{ renderHere }, { Management }, { preflight }] = await Promise.all([
    import("../cilium/render.js"),
    import("../preflight/management.js"),
    import("../preflight/preflight.js"),
  ]);
  const plan = planFrom(terminal.directory, stack);
  const rendered = renderHere(plan.cilium, terminal.directory, terminal.env);
  const management = new Management(plan, rendered);
  const context = { stack, plan, management, rendered, network, offline: false, preview: false };
  const verdicts = await preflight(context, checks);
  return { verdicts, failure: management.failure };
}

function print(
  terminal: Terminal,
  options: PreflightOptions,
  verdicts: readonly Verdict[],
  report: Report,
): void {
  if (options.json === true || options.format === "json") {
    terminal.json({ subject: report.subject, verdicts }, 2);
    return;
  }
  const rest = verdicts
    .map((verdict) => verdictText({ ...verdict, findings: [] }))
    .filter((text) => text !== "");
  if (rest.length > 0) terminal.out(`${rest.join("\n")}\n`);
  printReport(terminal, options, report);
  terminal.out(verdictCounts(verdicts));
}
