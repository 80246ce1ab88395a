import type { BgpReadinessPlan, ClusterReadinessPlan } from "../../plan/readiness";
import type { ClusterPlan } from "../../plan/plan";
import type { Explained } from "../../findings/finding";
import type { Certainty } from "../bgp/session-cause";
import type { ReadinessPlan } from "../readiness/assess";
import type { SessionHistories } from "../readiness/bgp-history";
import type { AttemptsByHost } from "../readiness/host-attempts";
import { type HostState, hostStates } from "../readiness/host-state";
import type { Observation } from "../readiness/observation";
import type { Snapshot } from "../snapshot";

/** One sign of a cause: the object that shows it, with its evidence. */
export interface Symptom {
  /** The object it is about, `BareMetalHost/cp1`. */
  readonly object: string;
  /** The host, or the cluster's name. */
  readonly who: string;
  readonly problem: string;
  /** Quoted from the objects. */
  readonly evidence: string;
  /** What to do, where this object needs another fix than the cause's own. */
  readonly fix?: string;
  /** Since when, in epoch milliseconds, where the objects show it. */
  readonly since?: number;
  /** Certain by default: it follows from what was read. */
  readonly certainty?: Certainty;
  /** The next command to run, where `fix` is none. */
  readonly command?: string;
}

/** A cause that holds: a symptom under its id, with what to do. */
export interface Cause extends Symptom {
  /** Stable id, `area/…`. */
  readonly id: string;
  readonly fix: string;
}

interface CauseTexts extends Explained {
  /** What is detected. */
  readonly summary: string;
  readonly fix: string;
}

/** All that a cause of a wait may look at. */
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

/** A cause that ends a wait, because waiting cannot help; a diagnosis looks for it in its snapshot, too. */
export interface WaitCause extends CauseTexts {
  /** How long the sign must hold without a break. */
  readonly graceSeconds: number;
  find(situation: Situation): readonly Symptom[];
  /** What a diagnosis looks for, where weaker evidence than that of a wait is enough. */
  findInSnapshot?(at: DiagnosisCase): readonly Symptom[];
}

/** What of a plan a diagnosis must know. */
export type DiagnosisPlan = Pick<ClusterPlan, "readiness" | "bgp" | "cilium">;

/** Everything that a cause of a snapshot may look at: the plan, and one snapshot in the forms in which it is useful. */
export interface DiagnosisCase {
  readonly plan: ClusterReadinessPlan;
  readonly cilium: DiagnosisPlan["cilium"];
  readonly bgp?: BgpReadinessPlan;
  readonly snapshot: Snapshot;
  readonly observation: Observation;
  readonly hosts: readonly HostState[];
  readonly now: number;
}

/** A cause that only a diagnosis looks for, in one snapshot. */
export interface SnapshotCause extends CauseTexts {
  readonly graceSeconds?: undefined;
  find(at: DiagnosisCase): readonly Symptom[];
}

/** Anything that can keep a cluster from being ready. */
export type CauseRule = WaitCause | SnapshotCause;

/** A symptom as a cause that holds. */
export function causeOf({ id, fix }: CauseRule, symptom: Symptom): Cause {
  return { id, ...symptom, fix: symptom.fix ?? fix };
}

/** A cause of the subjects `cluster` and `control-plane`. */
export function clusterCause(
  cause: Omit<WaitCause, "find"> & { find(situation: ClusterSituation): readonly Symptom[] },
): WaitCause {
  return {
    ...cause,
    find: (situation) =>
      situation.plan.subject === "cluster" || situation.plan.subject === "control-plane"
        ? cause.find({
            ...situation,
            plan: situation.plan,
            hosts: hostStates(situation.plan, situation.observation),
          })
        : [],
  };
}

/** A cause of the subject `bgp`. */
export function bgpCause(
  cause: Omit<WaitCause, "find"> & { find(situation: Situation<BgpReadinessPlan>): readonly Symptom[] },
): WaitCause {
  return {
    ...cause,
    find: (situation) =>
      situation.plan.subject === "bgp" ? cause.find({ ...situation, plan: situation.plan }) : [],
  };
}
