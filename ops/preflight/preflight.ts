import { type Judgement, notApplicable, unknown } from "../../model/live/preflight/judgement";
import { type Verdict, verdictOf, withoutEchoes } from "../../model/live/preflight/verdict";
import { ApiError, UnreachableError } from "../kubernetes/api";
import type { PreflightCheck, Site } from "./check";
import { preflightChecks } from "./checks";

/**
 * Asks everything that a green Pulumi preview would not tell, all checks at once, and
 * changes nothing. A check that cannot tell says why; none throws.
 */
export async function preflight(
  site: Site,
  checks: readonly PreflightCheck[] = preflightChecks,
): Promise<readonly Verdict[]> {
  try {
    const verdicts = await Promise.all(
      checks.map(async (check) => verdictOf(check, await judgementOf(check, site))),
    );
    return withoutEchoes(verdicts, (id) => checks.find((check) => check.id === id)?.after ?? []);
  } finally {
    site.management.close();
  }
}

async function judgementOf(check: PreflightCheck, site: Site): Promise<Judgement> {
  if (check.network === true && !site.network) {
    return notApplicable("asked only by npm run metal -- preflight --network");
  }
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Judgement>((resolve) => {
    timer = setTimeout(
      () => resolve(unknown(`no answer within ${check.timeoutSeconds} s`)),
      check.timeoutSeconds * 1000,
    );
  });
  try {
    return await Promise.race([check.run(site), late]);
  } catch (error) {
    return unknown(reasonOf(error as Error, site));
  } finally {
    clearTimeout(timer);
  }
}

function reasonOf(error: Error, { management }: Site): string {
  // The check of that name says why, once for all.
  if (error === management.failure)
    return "the management cluster cannot be queried, see management/reachable";
  if (error instanceof UnreachableError) return error.message;
  if (error instanceof ApiError && error.status === 403) return `not permitted: ${error.message}`;
  if (error instanceof ApiError) return `the API server answered ${error.status}: ${error.message}`;
  return `this check failed, which is a fault of metal: ${error.message}`;
}
