import type { Explained } from "../../findings/finding";
import { type Condition, conditionIs, conditions } from "../../kubernetes/condition";
import type { KubernetesObject } from "../../kubernetes/object";
import type { Certainty } from "../bgp/session-cause";
import type { ReadinessPlan } from "../readiness/assess";
import type { SessionHistories } from "../readiness/bgp-assessment";
import type { AttemptsByHost } from "../readiness/host-attempts";
import { type HostState, hostStates } from "../readiness/host-state";
import { type ManagementPart, type Snapshot, type WorkloadPart, inManagement, named } from "../snapshot";
import type { ClusterPlan } from "../../plan/plan";
import type { BgpReadinessPlan, ClusterReadinessPlan } from "../../plan/readiness";

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
  readonly snapshot: Snapshot;
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

/** Everything that a cause of a snapshot may look at. */
export interface DiagnosisCase {
  readonly plan: ClusterReadinessPlan;
  readonly cilium: DiagnosisPlan["cilium"];
  readonly bgp?: BgpReadinessPlan;
  readonly snapshot: Snapshot;
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
            hosts: hostStates(situation.plan, situation.snapshot),
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

/** Whether a part of the management cluster was read, so that what is not in it does not exist, or is another cluster's. */
export function wasRead({ snapshot }: DiagnosisCase, ...parts: readonly ManagementPart[]): boolean {
  return parts.every((part) => snapshot.management.parts[part].objects !== undefined);
}

/** Like {@link wasRead}, for the workload cluster. */
export function wasReadThere({ snapshot }: DiagnosisCase, ...parts: readonly WorkloadPart[]): boolean {
  return parts.every((part) => snapshot.workload.parts[part].objects !== undefined);
}

/** How a symptom names an object: `Machine/capi-1-x`, and who it is about. */
export function about(
  { kind, metadata }: KubernetesObject,
  who = metadata.name,
): { object: string; who: string } {
  return { object: `${kind}/${metadata.name}`, who };
}

/** A time in a field, as a property to be spread. */
export function sinceTime(time: string | null | undefined): { readonly since?: number } {
  const since = Date.parse(time ?? "");
  return Number.isNaN(since) ? {} : { since };
}

/** Whether a time lies at least so many minutes back; one that is not known does not. */
export function isOlder(time: string | null | undefined, minutes: number, now: number): boolean {
  const then = Date.parse(time ?? "");
  return !Number.isNaN(then) && now - then >= minutes * 60_000;
}

/** A condition as evidence: `ResourcesApplied=False WrongSecretType: "message"`. */
export function conditionText({ type, status, reason, message }: Condition): string {
  return `${[`${type}=${status}`, reason].filter((part) => part !== "").join(" ")}: "${message}"`;
}

/** Whether the control plane of the cluster has ever come up. */
export function isInitialised({ snapshot, plan }: DiagnosisCase): boolean {
  const cluster = named(inManagement(snapshot, "clusters"), plan.cluster);
  return conditionIs(cluster, "ControlPlaneInitialized", "True");
}

/** What a controller reports about an object: a condition's message, or an event. */
export interface Complaint {
  readonly object: KubernetesObject;
  readonly message: string;
  readonly since?: number;
}

const reporting: readonly ManagementPart[] = [
  "clusters",
  "controlPlanes",
  "machineDeployments",
  "machineSets",
  "machines",
  "kubeadmConfigs",
  "metal3Machines",
  "resourceSets",
];

/** The API server keeps events for an hour, including those whose cause was fixed since. */
const eventMinutes = 10;

/** Every message in the conditions of the management cluster's objects; recent events that name one of them come after. */
export function complaints({ snapshot, now }: DiagnosisCase): readonly Complaint[] {
  const objects = reporting.flatMap((part) => inManagement(snapshot, part));
  const inConditions = objects.flatMap((object) =>
    conditions(object)
      .filter(({ message }) => message !== "")
      .map(({ message, lastTransitionTime }) => ({ object, message, ...sinceTime(lastTransitionTime) })),
  );
  const recent = inManagement(snapshot, "events").filter(
    (event) => !isOlder(event.lastTimestamp, eventMinutes, now),
  );
  const inEvents = recent.flatMap((event) => {
    const object = objects.find(
      ({ kind, metadata }) =>
        metadata.name === event.involvedObject?.name && kind === event.involvedObject.kind,
    );
    const message = event.message ?? "";
    return object === undefined ? [] : [{ object, message, ...sinceTime(event.firstTimestamp) }];
  });
  return [...inConditions, ...inEvents];
}
