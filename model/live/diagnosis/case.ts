import type { Certainty } from "../bgp/session-cause";
import type { Explained } from "../../findings/finding";
import { type KubernetesObject, text } from "../../kubernetes/object";
import { livePlan } from "../live-plan";
import { observationOf } from "../observation";
import { type ManagementPart, type Snapshot, type WorkloadPart, inManagement } from "../snapshot";
import type { ClusterPlan } from "../../plan/plan";
import type { Suspicion } from "../readiness/cause";
import { conditions } from "../../kubernetes/condition";
import { type HostState, hostStates } from "../readiness/host-state";
import type { Observation } from "../readiness/observation";
import type { BgpReadinessPlan, ClusterReadinessPlan } from "../../plan/readiness";

/** What of a plan a diagnosis must know. */
export type DiagnosisPlan = Pick<ClusterPlan, "readiness" | "bgp" | "cilium">;

/** Everything that a rule may look at: the plan, and one snapshot in the forms in which it is useful. */
export interface DiagnosisCase {
  readonly plan: ClusterReadinessPlan;
  readonly cilium: DiagnosisPlan["cilium"];
  readonly bgp?: BgpReadinessPlan;
  readonly snapshot: Snapshot;
  readonly observation: Observation;
  readonly hosts: readonly HostState[];
  readonly now: number;
}

/** One sign of a cause in a snapshot. */
export interface Symptom extends Suspicion {
  /** Since when, in epoch milliseconds, where the objects say it. */
  readonly since?: number;
  /** Certain unless told: it follows from what was read. */
  readonly certainty?: Certainty;
  /** The next command to run, where `fix` is none. */
  readonly command?: string;
}

/** Names one cause in a snapshot. */
export interface DiagnosisRule extends Explained {
  find(at: DiagnosisCase): readonly Symptom[];
}

/** Without these nothing can be said; whatever else is refused is told as not read. */
const essential: readonly ManagementPart[] = [
  "hosts",
  "clusters",
  "controlPlanes",
  "machineDeployments",
  "machines",
  "metal3Machines",
  "resourceSets",
  "bindings",
];

/** A case from a snapshot; a part that the management cluster refuses is trouble for the rules that speak of it. */
export function caseOf(given: DiagnosisPlan, snapshot: Snapshot, now: number): DiagnosisCase {
  const plan = livePlan(given, snapshot);
  const seen = observationOf(snapshot);
  const refused = essential
    .map((part) => [part, snapshot.management.parts[part]] as const)
    .find(([, { unread }]) => unread?.status !== undefined);
  const unread = refused?.[1].unread;
  const management =
    refused === undefined || unread?.status === undefined
      ? seen.management
      : {
          ...seen.management,
          trouble: { since: snapshot.at, message: `${refused[0]}: ${unread.why}`, status: unread.status },
        };
  const observation = { ...seen, management };
  return {
    plan,
    cilium: given.cilium,
    ...(given.bgp === undefined ? {} : { bgp: given.bgp.readiness }),
    snapshot,
    observation,
    hosts: hostStates(plan, observation),
    now,
  };
}

/** Whether a part of the management cluster was read, so that what is not in it is not there. */
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
export function sinceTime(time: string | undefined): { readonly since?: number } {
  const since = Date.parse(time ?? "");
  return Number.isNaN(since) ? {} : { since };
}

/** Whether a time lies at least so many minutes back; one that is not known does not. */
export function isOlder(time: string | undefined, minutes: number, now: number): boolean {
  const then = Date.parse(time ?? "");
  return !Number.isNaN(then) && now - then >= minutes * 60_000;
}

/** What a controller complains about: a condition that is not True, or an event. */
export interface Complaint {
  readonly object: KubernetesObject;
  readonly words: string;
  readonly since?: number;
}

const complaining: readonly ManagementPart[] = [
  "clusters",
  "controlPlanes",
  "machineDeployments",
  "machineSets",
  "machines",
  "kubeadmConfigs",
  "metal3Machines",
  "resourceSets",
];

/** Events stay for an hour, also those about what has been mended since. */
const complaintMinutes = 10;

/** Every complaint in the conditions of the management cluster's objects; events that name one of them come after. */
export function complaints({ snapshot, now }: DiagnosisCase): readonly Complaint[] {
  const objects = complaining.flatMap((part) => inManagement(snapshot, part));
  const inConditions = objects.flatMap((object) =>
    conditions(object)
      .filter(({ message }) => message !== "")
      .map(({ message, lastTransitionTime }) => ({
        object,
        words: message,
        ...sinceTime(lastTransitionTime),
      })),
  );
  const fresh = inManagement(snapshot, "events").filter(
    (event) => !isOlder(text(event, "lastTimestamp"), complaintMinutes, now),
  );
  const inEvents = fresh.flatMap((event) => {
    const object = objects.find(
      ({ kind, metadata }) =>
        metadata.name === text(event, "involvedObject", "name") &&
        kind === text(event, "involvedObject", "kind"),
    );
    const words = text(event, "message") ?? "";
    return object === undefined ? [] : [{ object, words, ...sinceTime(text(event, "firstTimestamp")) }];
  });
  return [...inConditions, ...inEvents];
}
