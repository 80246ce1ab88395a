import { type Finding, shownFinding } from "../../model/findings/finding";

/** Findings that are about no place of one stack file, as text: two lines each. */
export function findingLines(findings: readonly Finding[]): string {
  return findings
    .map(shownFinding)
    .map(({ severity, id, at, problem, fix }) => `${severity} ${id}  ${at}\n  ${problem}\n  fix: ${fix}\n`)
    .join("");
}
