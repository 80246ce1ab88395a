import { type Condition, conditionIs, conditions } from "../../kubernetes/condition";
import { type KubernetesObject, text } from "../../kubernetes/object";
import { type ManagementPart, type WorkloadPart, inManagement, named } from "../snapshot";
import type { DiagnosisCase } from "./cause";

/** Whether a part of the management cluster was read, so that what is not in it does not exist. */
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
    (event) => !isOlder(text(event, "lastTimestamp"), eventMinutes, now),
  );
  const inEvents = recent.flatMap((event) => {
    const object = objects.find(
      ({ kind, metadata }) =>
        metadata.name === text(event, "involvedObject", "name") &&
        kind === text(event, "involvedObject", "kind"),
    );
    const message = text(event, "message") ?? "";
    return object === undefined ? [] : [{ object, message, ...sinceTime(text(event, "firstTimestamp")) }];
  });
  return [...inConditions, ...inEvents];
}
