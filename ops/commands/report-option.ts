import { styleText } from "node:util";
import { Option } from "commander";
import {
  type Paint,
  githubReport,
  jsonReport,
  plain,
  prettyReport,
  shortReport,
} from "../../model/report/formats";
import type { Report } from "../../model/report/report";
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
      return terminal.out(prettyReport(report, paintFor(terminal)));
    case "short":
      return terminal.out(shortReport(report));
    case "json":
      return terminal.out(jsonReport(report));
    case "github":
      return terminal.out(githubReport(report));
  }
}

/** Colours where the answer goes to a terminal that wants them. */
export function paintFor(terminal: Terminal): Paint {
  return terminal.colours ? colours : plain;
}

/** For a terminal that shows them. */
export const colours: Paint = (style, text) => {
  switch (style) {
    case "error":
      return styleText(["red", "bold"], text);
    case "warning":
      return styleText(["yellow", "bold"], text);
    case "good":
      return styleText("green", text);
    case "faint":
      return styleText("dim", text);
    case "strong":
      return styleText("bold", text);
  }
};
