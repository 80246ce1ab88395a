import { InvalidArgumentError, Option } from "commander";
import { type Finding, shownFinding } from "../../model/findings/finding";
import { githubReport, jsonReport, prettyReport, shortReport } from "../../model/findings/formats";
import type { Report } from "../../model/findings/report";
import { planCluster } from "../../model/plan/plan-cluster";
import type { ClusterPlan } from "../../model/plan/plan";
import { type Terminal, Refusal } from "./terminal";
import { exitCodes } from "../exit-codes";
import { readStackFile } from "../stack/read-stack-file";
import { StackNotChosen, chooseStack } from "../stack/stack-files";

/** `--stack <name>`, the same for every command about one stack. */
export function stackOption(): Option {
  return new Option(
    "--stack <name>",
    "the stack, Pulumi.<name>.yaml (default: $PULUMI_STACK, or the only stack)",
  );
}

/** The stack of a command. Throws a {@link Refusal} that names the existing stacks. */
export function chosenStack(terminal: Terminal, requested: string | undefined): string {
  try {
    return chooseStack(terminal.directory, requested, terminal.env);
  } catch (error) {
    if (!(error instanceof StackNotChosen)) throw error;
    throw new Refusal(
      error.message,
      error.reason === "ambiguous" ? exitCodes.confirmationRequired : exitCodes.undecided,
    );
  }
}

/** The name of a stack that is about to be made. */
export function stackName(text: string): string {
  if (/^[a-z0-9]([-a-z0-9]{0,30}[a-z0-9])?$/.test(text)) return text;
  throw new InvalidArgumentError("use at most 32 lower-case letters, digits and dashes, such as rack-b");
}

/** The plan of a command's stack. Throws a {@link Refusal} where its file does not have the form of a stack. */
export function chosenPlan(
  terminal: Terminal,
  requested: string | undefined,
): { readonly name: string; readonly plan: ClusterPlan } {
  const name = chosenStack(terminal, requested);
  const { stack, findings } = readStackFile(terminal.directory, name);
  if (stack === undefined) {
    throw new Refusal(
      `stack ${name} cannot be read; npm run metal -- check --stack ${name}\n${findingLines(findings)}`,
    );
  }
  return { name, plan: planCluster(stack) };
}

const formats = ["pretty", "short", "json", "github"] as const;

/** The options of {@link formatOption} and {@link jsonOption}. */
export interface ReportOptions {
  readonly format?: (typeof formats)[number];
  readonly json?: true;
}

/** `--format`, the same for every command that reports findings. */
export function formatOption(): Option {
  return new Option(
    "--format <format>",
    "output format; default: pretty on a terminal, short elsewhere",
  ).choices(formats);
}

/** `--json`: short for `--format json`. */
export function jsonOption(): Option {
  return new Option("--json", "the same as --format json").conflicts("format");
}

/** Prints a report in the format that was requested. */
export function printReport(terminal: Terminal, options: ReportOptions, report: Report): void {
  const format =
    options.json === true ? "json" : (options.format ?? (terminal.interactive ? "pretty" : "short"));
  switch (format) {
    case "pretty":
      return terminal.out(prettyReport(report, terminal.paint));
    case "short":
      return terminal.out(shortReport(report));
    case "json":
      return terminal.document(jsonReport(report));
    case "github":
      return terminal.annotations(githubReport(report));
  }
}

/** Findings without a place in one stack file, as text: two lines each. */
export function findingLines(findings: readonly Finding[]): string {
  return findings
    .map(shownFinding)
    .map(({ severity, id, at, problem, fix }) => `${severity} ${id}  ${at}\n  ${problem}\n  fix: ${fix}\n`)
    .join("");
}
