import type { Stack } from "../config/schema";
import type { SecretPath } from "../config/secrets";
import type { Finding, Severity } from "../findings";

/** What a check finds: where, what is wrong, what to write instead; and what else plays a part. */
export type CheckResult = Pick<Finding, "at" | "problem" | "fix"> &
  Partial<Pick<Finding, "write" | "related" | "on">>;

/** One thing that must hold for a stack; no result is a pass. It never throws and asks nothing outside the stack. */
export interface Check {
  /** `area/what-must-hold`: the path of its file under model/checks. */
  readonly id: string;
  readonly severity: Severity;
  /** What would happen on the metal otherwise. */
  readonly why: string;
  /** May a stack file accept the finding? Not where that would destroy data or deadlock the cluster. */
  readonly acceptable: boolean;
  /** `secrets` holds values only where the program can read them; without one a check of it passes. */
  run(stack: Stack, secrets?: ReadonlyMap<SecretPath, string>): readonly CheckResult[];
}

type Defaults = "severity" | "acceptable";

/** A check that stops the run and can be accepted, unless it says otherwise. */
export function defineCheck(check: Omit<Check, Defaults> & Partial<Pick<Check, Defaults>>): Check {
  return { severity: "error", acceptable: true, ...check };
}

/** All pairs of a list, each once. */
export function pairs<T>(items: readonly T[]): readonly (readonly [T, T])[] {
  return items.flatMap((a, i) => items.slice(i + 1).map((b) => [a, b] as const));
}
