import type { Stack } from "../config/schema";
import type { Finding } from "../findings";
import type { Check } from "./check";
import { clusterChecks } from "./cluster";
import { hostChecks } from "./hosts";
import { netChecks } from "./net";

/** Every check; this list is their documentation. */
export const checks: readonly Check[] = [...netChecks, ...hostChecks, ...clusterChecks];

/** Runs all checks and returns all that they find. */
export function checkStack(stack: Stack): readonly Finding[] {
  return checks.flatMap((check) =>
    check.run(stack).map((result) => ({ id: check.id, severity: check.severity, ...result })),
  );
}
