import type { ClusterPlan } from "../plan/plan";
import { assess } from "./readiness/assess";
import type { Missing } from "./readiness/assessment";
import type { Observation } from "./readiness/observation";
import { plainText } from "../redaction/shown";
import type { ClusterReadinessPlan } from "../plan/readiness";

/** What keeps a running cluster from being as planned, with its BGP sessions; nothing on one that is well. */
export function missingNow(
  plan: ClusterReadinessPlan,
  bgp: ClusterPlan["bgp"],
  observation: Observation,
  now: number,
): readonly Missing[] {
  const none = new Map();
  return [
    ...assess(plan, observation, now, none).missing,
    ...(bgp === undefined
      ? []
      : assess({ ...bgp.readiness, steadySeconds: 0 }, observation, now, none).missing),
  ];
}

/** `w1: node Ready (cni plugin not initialized)`. */
export function missingText({ who, what, cause }: Missing): string {
  return plainText(`${who}: ${what}${cause === undefined ? "" : ` (${cause})`}`);
}
