import type { Stack } from "../../model/stack/schema";
import {
  type Verdict,
  allFindings,
  isError,
  verdictCounts,
  verdictText,
} from "../../model/live/preflight/verdict";
import type { Report } from "../../model/findings/report";
import { renderHere } from "../cilium/render";
import { KubeconfigError } from "../kubernetes/kubeconfig";
import type { PreflightCheck } from "../preflight/check";
import { preflightChecks } from "../preflight/checks";
import { Management } from "../preflight/management";
import { preflight } from "../preflight/preflight";
import { planFrom } from "../stack/plan-from";
import { judgeStackFile } from "../stack/judge-stack-file";
import type { PreflightOptions } from "./preflight";
import { printReport } from "./report-option";
import { chosenStack } from "./stack-option";
import { type ExitCode, Refusal, type Terminal, exitCodes } from "./terminal";

/** Runs the preflight of one stack and prints every verdict. Returns the exit code. */
export async function preflightAction(terminal: Terminal, options: PreflightOptions): Promise<ExitCode> {
  const chosen = checksOf(options.only);
  const name = chosenStack(terminal, options.stack);
  const judged = judgeStackFile(terminal.directory, name, terminal.now());
  const { stack, source } = judged;
  if (stack === undefined || judged.findings.some(isError)) {
    printReport(terminal, options, judged);
    terminal.err("the live world is asked once the stack file itself is right\n");
    return stack === undefined ? exitCodes.couldNotTell : exitCodes.findings;
  }
  const { verdicts, failure } = await verdictsOf(terminal, stack, chosen, options.network === true);
  print(terminal, options, verdicts, {
    subject: name,
    source,
    findings: allFindings(verdicts),
    checksRun: verdicts.length,
    why: (id) => verdicts.find((verdict) => verdict.id === id)?.why,
  });
  // A kubeconfig that cannot be used says nothing about the cluster.
  if (failure instanceof KubeconfigError) return exitCodes.couldNotTell;
  if (allFindings(verdicts).some(isError)) return exitCodes.findings;
  return verdicts.some(({ unknown }) => unknown.length > 0) ? exitCodes.couldNotTell : exitCodes.holds;
}

function checksOf(only: readonly string[] | undefined): readonly PreflightCheck[] {
  if (only === undefined) return preflightChecks;
  const areaOf = (id: string) => id.split("/")[0] ?? "";
  const wanted = only.flatMap((each) => each.split(","));
  const strange = wanted.filter(
    (name) => !preflightChecks.some(({ id }) => id === name || areaOf(id) === name),
  );
  if (strange.length > 0) {
    const areas = [...new Set(preflightChecks.map(({ id }) => areaOf(id)))];
    throw new Refusal(`there is no area or check "${strange.join('", "')}"; areas are ${areas.join(", ")}`);
  }
  return preflightChecks.filter(({ id }) => wanted.includes(id) || wanted.includes(areaOf(id)));
}

async function verdictsOf(
  terminal: Terminal,
  stack: Stack,
  checks: readonly PreflightCheck[],
  network: boolean,
): Promise<{ readonly verdicts: readonly Verdict[]; readonly failure: unknown }> {
  const plan = planFrom(terminal.directory, stack);
  const rendered = renderHere(plan.cilium, terminal.directory, terminal.env);
  const management = new Management(plan, rendered);
  const site = { stack, plan, management, rendered, network, offline: false, preview: false };
  const verdicts = await preflight(site, checks);
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
