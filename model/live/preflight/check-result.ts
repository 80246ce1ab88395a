import { type Finding, type Severity, shownFinding } from "../../findings/finding";
import { shownOnOneLine } from "../../redaction/shown";
import { counted } from "../../text/wording";

/** Something wrong on the live side: a finding without the check's id; an error unless it says otherwise. */
export type Problem = Pick<Finding, "at" | "problem" | "fix"> & { readonly severity?: Severity };

/** The result of one check. Without problems and unknowns it holds. */
export interface CheckResult {
  /** What was looked at; a success says so. */
  readonly checked: string;
  readonly problems: readonly Problem[];
  /** What is unknown, each with its reason. */
  readonly unknowns: readonly string[];
  /** Why there is nothing to judge in this stack. */
  readonly notApplicable?: string;
}

/** A result; without problems and unknowns it holds. */
export function judged(
  checked: string,
  problems: readonly Problem[] = [],
  unknowns: readonly string[] = [],
): CheckResult {
  return { checked, problems, unknowns };
}

/** Inconclusive, with the reason. */
export function unknown(why: string): CheckResult {
  return { checked: "", problems: [], unknowns: [why] };
}

/** The same result with more unknowns. */
export function withUnknowns(result: CheckResult, unknowns: readonly string[]): CheckResult {
  return { ...result, unknowns: [...result.unknowns, ...unknowns] };
}

/** This stack has nothing that the check could judge. */
export function notApplicable(why: string): CheckResult {
  return { checked: "", problems: [], unknowns: [], notApplicable: why };
}

/** Names for a sentence: all of a few, else the first and how many more. */
export function named(names: readonly string[], most = 4): string {
  const shown = names.slice(0, most).join(", ");
  return names.length <= most ? shown : `${shown} and ${names.length - most} more`;
}

/** How a check ended. `findings` may come with parts that are unknown. */
type Outcome = "holds" | "findings" | "unknown" | "not applicable";

/** One check's result: what holds, what is wrong, what is unknown. */
export interface Verdict {
  readonly id: string;
  readonly why: string;
  readonly outcome: Outcome;
  /** What was looked at; empty when nothing could be. */
  readonly checked: string;
  readonly findings: readonly Finding[];
  /** What is unknown, each with its reason. */
  readonly unknown: readonly string[];
  readonly notApplicable?: string;
}

/** Puts a result under its check's name. */
export function verdictOf(
  check: { readonly id: string; readonly why: string },
  result: CheckResult,
): Verdict {
  const { id, why } = check;
  const { checked, problems, unknowns } = result;
  const findings = problems.map((problem): Finding => ({ id, severity: "error", ...problem }));
  return {
    id,
    why,
    outcome: outcomeOf(result),
    checked,
    findings,
    unknown: unknowns,
    ...(result.notApplicable === undefined ? {} : { notApplicable: result.notApplicable }),
  };
}

function outcomeOf({ problems, unknowns, notApplicable }: CheckResult): Outcome {
  if (problems.length > 0) return "findings";
  if (unknowns.length > 0) return "unknown";
  return notApplicable === undefined ? "holds" : "not applicable";
}

/** A finding whose cause is another check's finding only repeats it: such a verdict says so instead. */
export function withoutEchoes(
  verdicts: readonly Verdict[],
  causesOf: (id: string) => readonly string[],
): readonly Verdict[] {
  const broken = new Set(verdicts.filter(({ findings }) => findings.some(isError)).map(({ id }) => id));
  return verdicts.map((verdict) => {
    const cause = causesOf(verdict.id).find((id) => broken.has(id));
    if (cause === undefined || verdict.outcome === "holds" || verdict.outcome === "not applicable")
      return verdict;
    return {
      ...verdict,
      outcome: "unknown",
      checked: "",
      findings: [],
      unknown: [`cannot be determined before ${cause} holds`],
    };
  });
}

/** All findings, errors first, in the registry's order. */
export function allFindings(verdicts: readonly Verdict[]): readonly Finding[] {
  const findings = verdicts.flatMap((verdict) => verdict.findings);
  return [...findings.filter(isError), ...findings.filter((finding) => !isError(finding))];
}

/** Whether a finding stops the run. */
export function isError({ severity }: Finding): boolean {
  return severity === "error";
}

/** A verdict for a terminal: one line when it holds, else each finding and each unknown on lines of its own. */
export function verdictText(verdict: Verdict): string {
  const { id, checked, findings, unknown, notApplicable } = verdict;
  if (notApplicable !== undefined) return `n/a      ${id}: ${shownOnOneLine(notApplicable)}`;
  if (verdict.outcome === "holds") return `holds    ${id}: ${shownOnOneLine(checked)}`;
  return [
    ...findings
      .map(shownFinding)
      .map(({ severity, at, problem, fix }) =>
        [`${severity.padEnd(8)} ${id}${at === "" ? "" : ` ${at}`}`, problem, `fix: ${fix}`].join(
          "\n         ",
        ),
      ),
    ...unknown.map((reason) => `unknown  ${id}: ${shownOnOneLine(reason)}`),
  ].join("\n");
}

/** "21 hold, 1 error, 0 warnings, 2 unknown, 3 not applicable". */
export function verdictCounts(verdicts: readonly Verdict[]): string {
  const having = (outcome: Outcome) => verdicts.filter((verdict) => verdict.outcome === outcome).length;
  const findings = allFindings(verdicts);
  const errors = findings.filter(isError).length;
  const warnings = findings.length - errors;
  return [
    `${having("holds")} hold`,
    counted(errors, "error"),
    counted(warnings, "warning"),
    `${verdicts.filter(({ unknown }) => unknown.length > 0).length} unknown`,
    `${having("not applicable")} not applicable`,
  ].join(", ");
}
