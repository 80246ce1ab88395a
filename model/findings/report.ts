import { type Aspect, type Finding, type Place, shownFinding } from "./finding";
import { shownOnOneLine } from "../redaction/shown";
import { counted } from "../text/wording";

/** Where the places of findings are looked up: a stack file, or nothing at all. */
export interface Source {
  place(at: string, aspect?: Aspect): Place | undefined;
  /** The lines of a file. */
  lines(file: string): readonly string[];
  /** Stretches that no output may show, such as a password in plain text. */
  readonly hidden: readonly Place[];
}

/** A finding that the stack file accepts, and why. */
export interface AcceptedFinding {
  readonly finding: Finding;
  readonly reason: string;
  readonly until?: string;
}

/** All that was found out about one subject. */
export interface Report {
  /** What was looked at, such as the stack's name. */
  readonly subject: string;
  readonly findings: readonly Finding[];
  readonly accepted?: readonly AcceptedFinding[];
  /** How many checks ran; absent when none could. */
  readonly checksRun?: number;
  /** How many more can only run once the errors before them are fixed. */
  readonly checksWaiting?: number;
  readonly source?: Source;
  /** What would happen otherwise, by the finding's id. */
  readonly why?: (id: string) => string | undefined;
}

/** A finding with its place, as every format shows it. */
export interface PlacedFinding {
  readonly finding: Finding;
  readonly place?: Place;
  readonly related: readonly { readonly at: string; readonly note: string; readonly place?: Place }[];
}

/** The findings with their places, in the order of the file; what has no place comes last, by id. */
export function placedFindings({ findings, source }: Report): readonly PlacedFinding[] {
  const found = findings.map((finding): PlacedFinding => ({
    finding: shownFinding(finding),
    ...placed(finding.place ?? source?.place(finding.at, finding.on)),
    related: (finding.related ?? []).map(({ at, note }) => ({
      at: shownOnOneLine(at),
      note: shownOnOneLine(note),
      ...placed(source?.place(at)),
    })),
  }));
  return found.sort(
    (a, b) =>
      compare(a.place?.file ?? "~", b.place?.file ?? "~") ||
      (a.place?.line ?? 0) - (b.place?.line ?? 0) ||
      (a.place?.column ?? 0) - (b.place?.column ?? 0) ||
      compare(a.finding.id, b.finding.id) ||
      compare(a.finding.at, b.finding.at),
  );
}

function placed(place: Place | undefined): { readonly place?: Place } {
  return place === undefined ? {} : { place };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** `file:line:column`. */
export function placeText({ file, line, column }: Place): string {
  return `${file}:${line}:${column}`;
}

/** The last line of every report: what was looked at, what was found, what to do next. */
export function countLine(report: Report): string {
  const { subject, findings, checksRun, checksWaiting = 0 } = report;
  const counts = [
    counted(findings.filter(({ severity }) => severity === "error").length, "error"),
    counted(findings.filter(({ severity }) => severity === "warning").length, "warning"),
    ...(report.accepted === undefined || report.accepted.length === 0
      ? []
      : [`${report.accepted.length} accepted`]),
  ].join(", ");
  const looked =
    checksRun === undefined
      ? "; the checks run once its form is right"
      : ` in ${counted(checksRun, "check")}`;
  const waiting = checksWaiting === 0 ? "" : `; ${checksWaiting} more can tell once the form is right`;
  const first = findings[0]?.id;
  return (
    `${shownOnOneLine(subject)}: ${counts}${looked}${waiting}. Nothing was changed.` +
    (first === undefined ? "" : ` Explain: npm run metal -- explain ${findings.length === 1 ? first : "ID"}`)
  );
}

/** One line for a finding that is accepted, shown on every run. */
export function acceptedLine({ finding, reason, until }: AcceptedFinding): string {
  const why = shownOnOneLine(reason);
  return `accepted ${finding.id} ${shownOnOneLine(finding.at)}: ${why}${until === undefined ? "" : ` (until ${until})`}`;
}
