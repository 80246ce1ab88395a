import { type Finding, shownFinding } from "../findings/finding";
import type { AcceptedFinding } from "../findings/report";
import type { CheckChange, Effect } from "./change";
import { counted } from "../text/wording";
import { named, plainWords, words } from "./formatted-text";

/** What the checks, and the proofs on the render, say about one side. */
export interface SideFindings {
  readonly findings: readonly Finding[];
  readonly accepted: readonly AcceptedFinding[];
}

const none: SideFindings = { findings: [], accepted: [] };

/** Findings that are new, that are gone, and that are now accepted. Hosts may have moved in the list: places do not count. */
export function checkChange(before: SideFindings = none, after: SideFindings = none): CheckChange {
  const [old, fresh] = [before.findings.map(shownFinding), after.findings.map(shownFinding)];
  const known = new Set(before.accepted.map(({ finding }) => keyOf(finding)));
  const accepted = after.accepted.filter(({ finding }) => !known.has(keyOf(finding)));
  return {
    appeared: without(fresh, old),
    disappeared: without(old, [...fresh, ...accepted.map(({ finding }) => shownFinding(finding))]),
    accepted: accepted.map(({ finding, reason }) => ({ finding: shownFinding(finding), reason })),
    errors: fresh.filter(({ severity }) => severity === "error"),
  };
}

function keyOf({ id, problem }: Finding): string {
  return `${id} ${problem}`;
}

function without(findings: readonly Finding[], others: readonly Finding[]): readonly Finding[] {
  const rest = new Map<string, number>();
  for (const key of others.map(keyOf)) rest.set(key, (rest.get(key) ?? 0) + 1);
  return findings.filter((finding) => {
    const left = rest.get(keyOf(finding)) ?? 0;
    rest.set(keyOf(finding), left - 1);
    return left <= 0;
  });
}

/** The rows of the overview about checks. */
export function checkEffects({ appeared, disappeared, accepted }: CheckChange): readonly Effect[] {
  const warnings = appeared.filter(({ severity }) => severity === "warning");
  const ids = (findings: readonly Finding[]) => named([...new Set(findings.map(({ id }) => id))]);
  return [
    ...(warnings.length === 0
      ? []
      : [
          {
            level: "medium" as const,
            area: "checks" as const,
            what: words`${plainWords(counted(warnings.length, "new warning"))}: ${ids(warnings)}`,
            effect: words`${plainWords(counted(warnings.length, "check"))} ${plainWords(warnings.length === 1 ? "warns" : "warn")} and did not before: ${ids(warnings)}`,
          },
        ]),
    ...(accepted.length === 0
      ? []
      : [
          {
            level: "medium" as const,
            area: "checks" as const,
            what: words`accepted: ${ids(accepted.map(({ finding }) => finding))}`,
            effect: words`${plainWords(counted(accepted.length, "finding"))} ${plainWords(accepted.length === 1 ? "is" : "are")} accepted from now on, with a reason`,
          },
        ]),
    ...(disappeared.length === 0
      ? []
      : [
          {
            level: "low" as const,
            area: "checks" as const,
            what: words`${plainWords(counted(disappeared.length, "finding"))} gone: ${ids(disappeared)}`,
            effect: plainWords("fixed by this change"),
          },
        ]),
  ];
}
