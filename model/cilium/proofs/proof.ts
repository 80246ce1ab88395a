import type { Finding } from "../../findings";
import type { CiliumPlan } from "../../plan/plan";
import type { CiliumRender } from "../manifest";

/** What a proof finds broken. */
export interface ProofResult {
  /** The key of `cilium.values` that is to blame; left out when it is none in particular. */
  readonly key?: string;
  /** What does not hold, with the place in the render and the value found there. */
  readonly problem: string;
  readonly fix: string;
}

/**
 * One thing that must hold for a render, or the cluster does not come up; no result is the proof. It never throws, and
 * stays silent about what another proof reports (a missing object, a variable given twice): one cause, one finding.
 */
export interface Proof {
  /** `render/what-must-hold`; the second half is the file's name. */
  readonly id: string;
  /** What would happen on the metal otherwise. */
  readonly why: string;
  run(render: CiliumRender, plan: CiliumPlan): readonly ProofResult[];
}

/** A proof as it is written in its file. */
export function defineProof(proof: Proof): Proof {
  return proof;
}

/** A proof's results as findings of the stack file. */
export function findingsOf(proof: Proof, render: CiliumRender, plan: CiliumPlan): readonly Finding[] {
  return proof.run(render, plan).map(({ key, problem, fix }) => ({
    id: proof.id,
    severity: "error",
    at: key === undefined ? "cilium.values" : `cilium.values.${key}`,
    problem,
    fix,
  }));
}
