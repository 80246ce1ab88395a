import { type KubernetesObject, number, text } from "../../kubernetes/object";
import type { CauseRule, DiagnosisCase, DiagnosisPlan, Symptom } from "../causes/cause";
import { livePlan } from "../live-plan";
import { observationOf, observedParts } from "../observation";
import type { ReadinessPlan } from "../readiness/assess";
import type { AttemptsByHost } from "../readiness/host-attempts";
import { hostStates } from "../readiness/host-state";
import { type Observation, allManaged } from "../readiness/observation";
import { type Snapshot, inManagement } from "../snapshot";

/** A case from a snapshot; a part without which no diagnosis is possible and that the management cluster refuses is trouble for its causes. */
export function caseOf(given: DiagnosisPlan, snapshot: Snapshot, now: number): DiagnosisCase {
  const plan = livePlan(given, snapshot);
  const seen = observationOf(snapshot);
  const refused = observedParts
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

/** The symptoms of a cause in a case; what a wait must see hold for a while counts once the object is older than that. */
export function symptomsOf(cause: CauseRule, at: DiagnosisCase): readonly Symptom[] {
  if (cause.graceSeconds === undefined) return cause.find(at);
  if (cause.findInSnapshot !== undefined) return cause.findInSnapshot(at);
  const { plan, bgp, observation, now } = at;
  const plans: readonly ReadinessPlan[] = [plan, ...(bgp === undefined ? [] : [bgp])];
  const attempts = attemptsIn(at, observation);
  const found = plans.flatMap((each) =>
    cause.find({ plan: each, observation, attempts, sessions: new Map() }),
  );
  const once = new Map(found.map((symptom) => [symptom.object, symptom]));
  return [...once.values()].filter(({ object }) => {
    const created = creationOf(at, object);
    return created === undefined || now - created >= cause.graceSeconds * 1000;
  });
}

/** How often writing an image has failed, by the operator's events: its own counter is reset after each write. */
function attemptsIn({ snapshot }: DiagnosisCase, observation: Observation): AttemptsByHost {
  const events = inManagement(snapshot, "events").filter(
    (event) =>
      text(event, "reason") === "ProvisioningError" &&
      text(event, "involvedObject", "kind") === "BareMetalHost",
  );
  return new Map(
    allManaged(observation, "hosts").map(({ metadata }) => {
      const own = events.filter((event) => text(event, "involvedObject", "name") === metadata.name);
      const failedWrites = own.flatMap((event) =>
        Array.from({ length: number(event, "count") ?? 1 }, (_, i) => `${event.metadata.name} ${i}`),
      );
      const writeError = text(own.at(-1), "message");
      const attempts = { errorsBefore: 0, failedWrites, ...(writeError === undefined ? {} : { writeError }) };
      return [metadata.name, attempts];
    }),
  );
}

function creationOf({ snapshot }: DiagnosisCase, name: string): number | undefined {
  const readings = [...Object.values(snapshot.management.parts), ...Object.values(snapshot.workload.parts)];
  const object = readings
    .flatMap(({ objects = [] }): readonly KubernetesObject[] => objects)
    .find(({ kind, metadata }) => `${kind}/${metadata.name}` === name);
  const time = Date.parse(object?.metadata.creationTimestamp ?? "");
  return Number.isNaN(time) ? undefined : time;
}
