import type { SessionHistories } from "./bgp-history";
import type { AttemptsByHost } from "./host-attempts";
import type { HostState } from "./host-state";
import { hostStates } from "./host-state";
import type { ReadinessPlan } from "./assess";
import type { Observation } from "./observation";
import type { BgpReadinessPlan, ClusterReadinessPlan } from "../../plan/readiness";

/** One sign that waiting is pointless, before its grace period is over. */
export interface Suspicion {
  /** The object it is about, `BareMetalHost/cp1`. */
  readonly object: string;
  /** The host, or the cluster's name. */
  readonly who: string;
  readonly problem: string;
  /** Quoted from the objects. */
  readonly evidence: string;
  /** What to do. */
  readonly fix: string;
}

/** A suspicion that has held without a break for its rule's grace period. */
export interface Cause extends Suspicion {
  /** Stable id, `area/…`. */
  readonly id: string;
}

/** All a rule may look at. */
export interface Situation<Plan = ReadinessPlan> {
  readonly plan: Plan;
  readonly observation: Observation;
  /**
   * What was seen of each host's attempts since the first look: an error from before it may be about what was repaired
   * since, so only a later attempt is evidence. Absent for a single look at a cluster, where every error counts.
   */
  readonly attempts?: AttemptsByHost;
  readonly sessions: SessionHistories;
}

/** A situation of a cluster or its control plane, with the state of each host. */
export interface ClusterSituation extends Situation<ClusterReadinessPlan> {
  readonly hosts: readonly HostState[];
}

/** A rule that names one cause for which waiting is pointless. */
export interface CauseRule {
  readonly id: string;
  /** Why waiting cannot help. */
  readonly why: string;
  /** How long the sign must hold without a break. */
  readonly graceSeconds: number;
  find(situation: Situation): readonly Suspicion[];
}

/** A rule of the subjects `cluster` and `control-plane`. */
export function clusterRule(
  rule: Omit<CauseRule, "find"> & { find(situation: ClusterSituation): readonly Suspicion[] },
): CauseRule {
  return {
    ...rule,
    find: (situation) =>
      situation.plan.subject === "cluster" || situation.plan.subject === "control-plane"
        ? rule.find({
            ...situation,
            plan: situation.plan,
            hosts: hostStates(situation.plan, situation.observation),
          })
        : [],
  };
}

/** A rule of the subject `bgp`. */
export function bgpRule(
  rule: Omit<CauseRule, "find"> & { find(situation: Situation<BgpReadinessPlan>): readonly Suspicion[] },
): CauseRule {
  return {
    ...rule,
    find: (situation) =>
      situation.plan.subject === "bgp" ? rule.find({ ...situation, plan: situation.plan }) : [],
  };
}
