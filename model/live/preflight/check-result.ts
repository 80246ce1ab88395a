import type { Finding, Severity } from "../../findings/finding";

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
