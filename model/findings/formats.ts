import { shownOnOneLine } from "../redaction/shown";
import { frame } from "./frame";
import {
  type PlacedFinding,
  type Report,
  acceptedLine,
  countLine,
  placeText,
  placedFindings,
} from "./report";

/** Colours a piece of text; the edge knows whether and how. */
export type Paint = (style: "error" | "warning" | "good" | "faint" | "strong", text: string) => string;

/** No colours. */
export const plain: Paint = (_style, text) => text;

/** For people: each finding with the lines of the file it is about. */
export function prettyReport(report: Report, paint: Paint = plain): string {
  const blocks = placedFindings(report).map((found) => prettyFinding(report, found, paint).join("\n"));
  return [...blocks, ...(report.accepted ?? []).map(acceptedLine), paint("strong", countLine(report))].join(
    "\n",
  );
}

function prettyFinding(report: Report, { finding, place, related }: PlacedFinding, paint: Paint): string[] {
  const why = report.why?.(finding.id);
  const marked = related.filter((other) => other.place !== undefined);
  const marks =
    place === undefined || report.source?.lines(place.file)[place.line - 1] === undefined
      ? []
      : [
          { place, label: "", sign: "^" as const },
          ...marked.map((other) => ({ place: other.place ?? place, label: other.note, sign: "-" as const })),
        ];
  return [
    `${paint(finding.severity, `${finding.severity}[${finding.id}]`)}: ${paint("strong", finding.problem)}`,
    ...(place === undefined
      ? finding.at === ""
        ? []
        : [`  --> ${finding.at}`]
      : [`  --> ${[placeText(place), finding.at].join(" ").trimEnd()}`]),
    ...(report.source === undefined || marks.length === 0 ? [] : frame(report.source, marks)),
    ...related.filter((other) => other.place === undefined).map(({ at, note }) => `   = see: ${at}: ${note}`),
    ...(why === undefined ? [] : [paint("faint", `   = why: ${why}`)]),
    `   = fix: ${finding.fix}`,
    "",
  ];
}

/** For logs: one line for each finding. */
export function shortReport(report: Report): string {
  const lines = placedFindings(report).map(({ finding, place }) =>
    [
      ...(place === undefined ? [] : [placeText(place)]),
      finding.severity,
      finding.id,
      ...(finding.at === "" ? [] : [finding.at]),
    ]
      .join(" ")
      .concat(`: ${finding.problem}; fix: ${finding.fix}`),
  );
  return [...lines, ...(report.accepted ?? []).map(acceptedLine), countLine(report)].join("\n");
}

/** For programs. Stable: keys are only ever added. */
export function jsonReport(report: Report): string {
  const { subject, findings, accepted = [], checksRun, checksWaiting, why } = report;
  const found = placedFindings(report).map(({ finding, place, related }) => {
    const { id, severity, at, problem, fix, write } = finding;
    const corrected = write === undefined ? write : shownOnOneLine(write);
    return { id, severity, at, problem, why: why?.(id), fix, write: corrected, ...place, related };
  });
  return JSON.stringify(
    {
      subject,
      errors: findings.filter(({ severity }) => severity === "error").length,
      warnings: findings.filter(({ severity }) => severity === "warning").length,
      checksRun: checksRun ?? 0,
      checksWaiting: checksWaiting ?? 0,
      findings: found,
      accepted: accepted.map(({ finding, reason, until }) => ({
        id: finding.id,
        at: shownOnOneLine(finding.at),
        problem: shownOnOneLine(finding.problem),
        reason: shownOnOneLine(reason),
        until,
      })),
    },
    undefined,
    2,
  );
}

/** GitHub shows ten annotations of a kind for a step (actions/toolkit#734); the tenth counts the rest. */
const annotationsShown = 9;

/** For GitHub Actions: annotations on the file's lines, errors first, then the count as plain text. */
export function githubReport(report: Report): string {
  const found = placedFindings(report);
  const worst = [
    ...found.filter(({ finding }) => finding.severity === "error"),
    ...found.filter(({ finding }) => finding.severity === "warning"),
  ];
  const shown = worst.slice(0, annotationsShown).map(({ finding, place }) => {
    const where =
      place === undefined
        ? []
        : [
            `file=${property(place.file)}`,
            `line=${place.line}`,
            `col=${place.column}`,
            `endColumn=${place.column + place.length}`,
          ];
    const title = `title=${property([finding.id, finding.at].filter((part) => part !== "").join(" "))}`;
    return `::${finding.severity} ${[...where, title].join(",")}::${data(`${finding.problem}\nfix: ${finding.fix}`)}`;
  });
  const more = worst.length - shown.length;
  const rest =
    more > 0
      ? [
          `::${worst[annotationsShown]?.finding.severity ?? "error"} title=${more} more::${data(`${more} more findings: npm run metal -- check`)}`,
        ]
      : [];
  return [...shown, ...rest, ...(report.accepted ?? []).map(acceptedLine), countLine(report)].join("\n");
}

/** GitHub's escapes for the text of a workflow command. */
function data(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(text: string): string {
  return data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
