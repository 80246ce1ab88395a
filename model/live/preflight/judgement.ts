import type { Finding, Severity } from "../../findings/finding";

/** Something wrong on the live side: a finding without the check's id; an error unless it says otherwise. */
export type Objection = Pick<Finding, "at" | "problem" | "fix"> & { readonly severity?: Severity };

/** What one check makes of what was observed. With no objection and nothing untold, it holds. */
export interface Judgement {
  /** What was looked at; a success says so. */
  readonly checked: string;
  readonly objections: readonly Objection[];
  /** What could not be told, each with its reason. */
  readonly untold: readonly string[];
  /** Why there is nothing to judge in this stack. */
  readonly notApplicable?: string;
}

/** A judgement on what was observed; without objections and untold parts it holds. */
export function judged(
  checked: string,
  objections: readonly Objection[] = [],
  untold: readonly string[] = [],
): Judgement {
  return { checked, objections, untold };
}

/** Nothing could be told, and why. */
export function unknown(why: string): Judgement {
  return { checked: "", objections: [], untold: [why] };
}

/** The same judgement with parts that could not be told. */
export function withUntold(judgement: Judgement, untold: readonly string[]): Judgement {
  return { ...judgement, untold: [...judgement.untold, ...untold] };
}

/** This stack has nothing that the check could judge. */
export function notApplicable(why: string): Judgement {
  return { checked: "", objections: [], untold: [], notApplicable: why };
}

/** Names for a sentence: all of a few, else the first and how many more. */
export function named(names: readonly string[], most = 4): string {
  const shown = names.slice(0, most).join(", ");
  return names.length <= most ? shown : `${shown} and ${names.length - most} more`;
}
