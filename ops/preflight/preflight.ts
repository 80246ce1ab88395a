import {
  type CheckResult,
  type Verdict,
  notApplicable,
  unknown,
  verdictOf,
  withoutEchoes,
} from "../../model/live/preflight/check-result";
import { ApiError, UnreachableError } from "../kubernetes/api";
import type { PreflightCheck, PreflightContext } from "./check";
import { hostChecks } from "./checks/hosts";
import { lifecycleChecks, rolloutChecks } from "./checks/rollout";
import { managementChecks } from "./checks/management";
import { objectChecks } from "./checks/objects";
import { outsideChecks } from "./checks/outside";
import { providerChecks } from "./checks/providers";

/**
 * Runs all checks concurrently, to find what a successful Pulumi preview does not show. Changes nothing. A check that cannot
 * be decided reports the reason; none throws.
 */
export async function preflight(
  context: PreflightContext,
  checks: readonly PreflightCheck[] = preflightChecks,
): Promise<readonly Verdict[]> {
  try {
    const verdicts = await Promise.all(
      checks.map(async (check) => verdictOf(check, await judgementOf(check, context))),
    );
    return withoutEchoes(verdicts, (id) => checks.find((check) => check.id === id)?.after ?? []);
  } finally {
    context.management.close();
  }
}

async function judgementOf(check: PreflightCheck, context: PreflightContext): Promise<CheckResult> {
  if (check.network === true && !context.network) {
    return notApplicable("checked only by npm run metal -- preflight --network");
  }
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<CheckResult>((resolve) => {
    timer = setTimeout(
      () => resolve(unknown(`no answer within ${check.timeoutSeconds} s`)),
      check.timeoutSeconds * 1000,
    );
  });
  try {
    return await Promise.race([check.run(context), late]);
  } catch (error) {
    return unknown(reasonOf(error as Error, context));
  } finally {
    clearTimeout(timer);
  }
}

function reasonOf(error: Error, { management }: PreflightContext): string {
  // The check of that name reports the reason once.
  if (error === management.failure)
    return "the management cluster cannot be queried, see management/reachable";
  if (error instanceof UnreachableError) return error.message;
  if (error instanceof ApiError && error.status === 403) return `not permitted: ${error.message}`;
  if (error instanceof ApiError) return `the API server answered ${error.status}: ${error.message}`;
  return `this check failed, which is a fault of metal: ${error.message}`;
}

/** Every check of the live preflight, in the order of the report; this list is their documentation. */
export const preflightChecks: readonly PreflightCheck[] = [
  ...managementChecks,
  ...providerChecks,
  ...objectChecks,
  ...lifecycleChecks,
  ...hostChecks,
  ...rolloutChecks,
  ...outsideChecks,
];
