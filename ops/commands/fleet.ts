import { Command } from "commander";
import type { FleetFinding } from "../../model/fleet/ranges";
import { type FleetPlan, fleetText, planFleet, fleetRules } from "../../model/fleet/plan-fleet";
import type { Finding } from "../../model/findings/finding";
import { jsonReport } from "../../model/findings/formats";
import type { Report } from "../../model/findings/report";
import { type FleetReading, openStackFile, readFleet } from "../stack/read-stack-file";
import { type ReportOptions, formatOption, jsonOption, printReport } from "./options";
import { type Terminal, Refusal } from "./terminal";
import { type ExitCode, exitCodes } from "../exit-codes";
import { counted } from "../../model/text/wording";

/** `fleet`: conflicts between the stacks of this project, and free ranges for another. */
export function fleetCommand(terminal: Terminal): Command {
  return new Command("fleet")
    .description("compare all stack files: conflicting claims, free ranges, and a proposal for a new stack")
    .addOption(formatOption())
    .addOption(jsonOption())
    .addHelpText(
      "after",
      "\nExamples:\n  npm run metal -- fleet\n  npm run metal -- fleet --json    (findings, free ranges and proposals)",
    )
    .action((options: ReportOptions) => terminal.end(fleet(terminal, options)));
}

function fleet(terminal: Terminal, options: ReportOptions): ExitCode {
  const reading = readFleet(terminal.directory);
  if (reading.stacks.length + reading.unreadable.length === 0) {
    throw new Refusal(`there is no stack file Pulumi.<name>.yaml in ${terminal.directory}`);
  }
  const plan = planFleet(reading.stacks);
  const report = reportOf(terminal.directory, reading, plan.findings);
  if (options.json === true || options.format === "json") terminal.json(jsonOf(reading, plan, report), 2);
  else {
    printReport(terminal, options, report);
    if (options.format !== "github") terminal.out(fleetText(plan));
  }
  if (reading.unreadable.length > 0) return exitCodes.undecided;
  return plan.findings.some(({ severity }) => severity === "error") ? exitCodes.findings : exitCodes.holds;
}

/** One report over many files: each finding carries its own place. */
function reportOf(directory: string, reading: FleetReading, found: readonly FleetFinding[]): Report {
  const names = [...new Set(found.map(({ stack }) => stack))];
  const sources = new Map(names.map((name) => [name, openStackFile(directory, name)]));
  const findings = found.map(({ stack, ...finding }): Finding => {
    const place = sources.get(stack)?.place(finding.at);
    return { ...finding, at: `${stack}: ${finding.at}`, ...(place === undefined ? {} : { place }) };
  });
  return {
    subject: `fleet of ${counted(reading.stacks.length, "stack")}`,
    findings: [...findings, ...reading.unreadable.map(unreadable)],
    checksRun: fleetRules.length,
    source: {
      place: () => undefined,
      lines: (file) =>
        [...sources.values()].map((source) => source.lines(file)).find((lines) => lines.length > 0) ?? [],
      hidden: [...sources.values()].flatMap(({ hidden }) => hidden),
    },
    why: (id) => fleetRules.find((rule) => rule.id === id)?.why,
  };
}

function unreadable(name: string): Finding {
  return {
    id: "fleet/files-readable",
    severity: "error",
    at: `${name}: `,
    problem: `Pulumi.${name}.yaml does not have the form of a stack and was left out`,
    fix: `npm run metal -- check --stack ${name}`,
  };
}

function jsonOf({ stacks, unreadable }: FleetReading, { domains }: FleetPlan, report: Report): object {
  const found = JSON.parse(jsonReport(report)) as object;
  return { ...found, stacks: stacks.map(({ name }) => name), unreadable, domains };
}
