import { type Finding, type Results, type Rule, listed } from "../../findings/finding";
import type { CiliumPlan } from "../../plan/plan";
import type { CiliumRender } from "../manifest";

/** What a proof reads. */
type ProofInput = readonly [render: CiliumRender, plan: CiliumPlan];

/**
 * One thing that must hold for a render, or the cluster does not come up. A proof ignores what another proof reports
 * (a missing object, a duplicate variable): one cause, one finding.
 */
export type Proof = Rule<ProofInput>;

/** What a proof finds: the problem with its place in the render, the fix, and the key of `cilium.values` at fault, if any. */
export type ProofResult = Pick<Finding, "problem" | "fix"> & { readonly key?: string };

/** What a run returns: nothing is `[]`. */
export type ProofResults = Results<ProofResult>;

/** A proof as it is written. */
export interface ProofDefinition extends Pick<Proof, "id" | "summary" | "why"> {
  readonly run: (...input: ProofInput) => ProofResults;
}

/** The proof of a definition: always an error, at a place in the stack file. */
export function defineProof({ run, ...proof }: ProofDefinition): Proof {
  return {
    ...proof,
    severity: "error",
    run: (render, plan) =>
      listed(run(render, plan)).map(({ key, problem, fix }) => ({
        at: key === undefined ? "cilium.values" : `cilium.values.${key}`,
        problem,
        fix,
      })),
  };
}
