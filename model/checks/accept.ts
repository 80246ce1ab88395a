import { UnparsedValueError } from "../stack/partial-stack";
import type { Stack } from "../stack/schema";
import type { Finding } from "../findings/finding";
import { nearest } from "../text/wording";
import type { AcceptedFinding, Report } from "../findings/report";
import { checks, runChecks } from ".";
import type { Check, CheckSources } from "./check";
import { formRules } from "../stack/form-rules";

/** What all checks say about a stack, with what the stack accepts set apart. */
export interface CheckReport {
  readonly findings: readonly Finding[];
  readonly accepted: readonly AcceptedFinding[];
}

/** The report of all checks; some are inconclusive for a stack that was read only in part. */
export interface StackCheckReport extends CheckReport {
  readonly checksRun: number;
  readonly checksWaiting: number;
}

type Acceptance = Stack["accept"][number];

/**
 * Runs all checks, and sets the findings apart that `metal:accept` accepts on that day (`2026-11-25`). The stack may be
 * one that is partial only in part: what depends on the rest is not judged.
 */
export function judgeStack(stack: Stack, today: string, ...sources: CheckSources): StackCheckReport {
  const { findings, waiting } = runChecks(stack, ...sources);
  const isWaiting = ({ id }: Acceptance): boolean => waiting.some((check) => check.id === id);
  const acceptances = legibleAcceptances(stack).filter((acceptance) => !isWaiting(acceptance));
  return {
    ...judge(findings, acceptances, today, checks),
    checksRun: checks.length - waiting.length,
    checksWaiting: waiting.length,
  };
}

function legibleAcceptances(stack: Stack): readonly Acceptance[] {
  try {
    return stack.accept.map((acceptance) => ({ ...acceptance }));
  } catch (error) {
    if (error instanceof UnparsedValueError) return [];
    throw error;
  }
}

/** Sets accepted findings apart; an acceptance that accepts nothing is a finding itself. */
export function judge(
  found: readonly Finding[],
  acceptances: readonly Acceptance[],
  today: string,
  known: readonly Check[],
): CheckReport {
  const acceptable = new Set(known.filter((check) => check.acceptable).map(({ id }) => id));
  // The first acceptance of a finding counts, be it for one place or for all.
  const first = new Map<string, { readonly acceptance: Acceptance; readonly order: number }>();
  acceptances.forEach((acceptance, order) => {
    const key = keyOf(acceptance);
    const isValid = acceptable.has(acceptance.id) && !isOver(acceptance, today);
    if (isValid && !first.has(key)) first.set(key, { acceptance, order });
  });
  const accepted = found.flatMap((finding): AcceptedFinding[] => {
    const candidates = [first.get(keyOf(finding)), first.get(keyOf({ id: finding.id }))];
    const [earliest] = candidates.filter((one) => one !== undefined).sort((a, b) => a.order - b.order);
    if (earliest === undefined) return [];
    const { reason, until } = earliest.acceptance;
    return [{ finding, reason, ...(until === undefined ? {} : { until }) }];
  });
  const taken = new Set(accepted.map(({ finding }) => finding));
  const standing = found.filter((finding) => !taken.has(finding));
  const places = new Set(found.flatMap(({ id, at }) => [keyOf({ id, at }), keyOf({ id })]));
  const idle = acceptances.flatMap((acceptance, i) => idleAcceptance(acceptance, i, places, today, known));
  return { findings: [...standing, ...idle], accepted };
}

/** A rule at one place, or at all. */
function keyOf({ id, at }: { readonly id: string; readonly at?: string | undefined }): string {
  return at === undefined ? id : `${id} ${at}`;
}

function isOver({ until }: Acceptance, today: string): boolean {
  return until !== undefined && until < today;
}

/** What is wrong with an acceptance, if anything is. */
function idleAcceptance(
  acceptance: Acceptance,
  index: number,
  places: ReadonlySet<string>,
  today: string,
  known: readonly Check[],
): readonly Finding[] {
  const at = `accept[${index}]`;
  const check = known.find(({ id }) => id === acceptance.id);
  if (check === undefined) {
    const guess = nearest(
      acceptance.id,
      known.map(({ id }) => id),
    );
    return [
      {
        id: "accept/id-known",
        severity: "error",
        at: `${at}.id`,
        problem: `no check has the id "${acceptance.id}"`,
        fix: guess === undefined ? "npm run metal -- explain lists every id" : `did you mean "${guess}"?`,
        ...(guess === undefined ? {} : { write: guess }),
      },
    ];
  }
  if (!check.acceptable) {
    return [
      {
        id: "accept/id-acceptable",
        severity: "error",
        at: `${at}.id`,
        problem: `"${check.id}" cannot be accepted: ${check.why}`,
        fix: "remove the acceptance, and fix the finding",
      },
    ];
  }
  if (!places.has(keyOf(acceptance))) {
    const where = acceptance.at === undefined ? "" : ` at ${acceptance.at}`;
    return [
      {
        id: "accept/finding-present",
        severity: "warning",
        at,
        problem: `"${acceptance.id}" finds nothing${where}, so there is nothing to accept`,
        fix: "remove the acceptance",
      },
    ];
  }
  if (!isOver(acceptance, today)) return [];
  return [
    {
      id: "accept/not-expired",
      severity: "error",
      at: `${at}.until`,
      problem: `"${acceptance.id}" was accepted until ${acceptance.until ?? ""}`,
      fix: "fix the finding, or accept it again with a new date",
    },
  ];
}

/** What happens where a rule does not hold, by the rule's id. */
const reasons = new Map([...formRules, ...checks].map(({ id, why }) => [id, why]));

/**
 * What its form and all checks have to say about a stack, or about what of it is partial; about a file that is no YAML only
 * its form. Acceptances end by the day in UTC, everywhere the same.
 */
export function stackReport(
  subject: string,
  readable: Stack | undefined,
  inForm: readonly Finding[],
  now: Date,
  ...sources: CheckSources
): Omit<Report, "source"> {
  const checked =
    readable === undefined ? undefined : judgeStack(readable, now.toISOString().slice(0, 10), ...sources);
  return {
    ...checked,
    subject,
    findings: [...inForm, ...(checked?.findings ?? [])],
    why: (id) => reasons.get(id),
  };
}
