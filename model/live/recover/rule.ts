import type { Explained } from "../../findings/finding";
import type { Snapshot } from "../snapshot";
import type { ClusterPlan } from "../../plan/plan";
import type { Problem } from "../preflight/check-result";

/** All that a decision may look at. */
export interface Situation {
  readonly plan: Pick<ClusterPlan, "name" | "namespace" | "readiness">;
  readonly snapshot: Snapshot;
}

/** Something that must hold before a recovery begins. Looks, and changes nothing. */
export interface RecoverRule<Subject> extends Explained {
  judge(subject: Subject, situation: Situation): readonly Problem[];
}

/** A rule's refusal, under the rule's id. */
export interface Refused extends Problem {
  readonly id: string;
}

/** What the rules say against a recovery; nothing means that it may begin. */
export function refusals<Subject>(
  rules: readonly RecoverRule<Subject>[],
  subject: Subject,
  situation: Situation,
): readonly Refused[] {
  return rules.flatMap((rule) =>
    rule.judge(subject, situation).map((problem) => ({ id: rule.id, ...problem })),
  );
}
