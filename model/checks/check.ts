import type { Stack } from "../config/schema";
import type { Finding, Severity } from "../findings";

/** What a check finds: where, what is wrong, what to write instead. */
export type CheckResult = Pick<Finding, "at" | "problem" | "fix">;

/** One thing that must hold for a stack; no result is a pass. It never throws and asks nothing outside the stack. */
export interface Check {
  /** `area/what-must-hold`; the area is the check's file. */
  readonly id: string;
  readonly severity: Severity;
  /** What would happen on the metal otherwise. */
  readonly why: string;
  run(stack: Stack): readonly CheckResult[];
}

/** A check that stops the run unless it says otherwise. */
export function defineCheck(check: Omit<Check, "severity"> & { readonly severity?: Severity }): Check {
  return { severity: "error", ...check };
}

/** All pairs of a list, each once. */
export function pairs<T>(items: readonly T[]): readonly (readonly [T, T])[] {
  return items.flatMap((a, i) => items.slice(i + 1).map((b) => [a, b] as const));
}
