import { Option } from "commander";
import { githubReport, jsonReport, prettyReport, shortReport } from "../../model/findings/formats";
import type { Report } from "../../model/findings/report";
import type { Terminal } from "./terminal";

const formats = ["pretty", "short", "json", "github"] as const;

/** What {@link formatOption} and {@link jsonOption} leave in a command's options. */
export interface ReportOptions {
  readonly format?: (typeof formats)[number];
  readonly json?: true;
}

/** `--format`, the same for every command that reports findings. */
export function formatOption(): Option {
  return new Option("--format <format>", "pretty on a terminal, short elsewhere, when left out").choices(
    formats,
  );
}

/** `--json`: short for `--format json`. */
export function jsonOption(): Option {
  return new Option("--json", "the same as --format json").conflicts("format");
}

/** Prints a report in the format that was asked for. */
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
