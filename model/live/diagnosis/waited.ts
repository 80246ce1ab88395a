import { type KubernetesObject, number, text } from "../../kubernetes/object";
import { inManagement } from "../snapshot";
import type { ReadinessPlan } from "../readiness/assess";
import type { CauseRule } from "../readiness/cause";
import type { AttemptsByHost } from "../readiness/host-attempts";
import { type Observation, allManaged } from "../readiness/observation";
import type { DiagnosisCase, DiagnosisRule, Symptom } from "./case";

/**
 * A rule of the waiting program as one that looks at a single snapshot: what it would have to see hold for a while counts
 * once the object is older than that.
 */
export function waited(rule: CauseRule): DiagnosisRule {
  return {
    id: rule.id,
    why: rule.why,
    find(at) {
      const { plan, bgp, observation, now } = at;
      const plans: readonly ReadinessPlan[] = [plan, ...(bgp === undefined ? [] : [bgp])];
      const found = plans.flatMap((each) =>
        rule.find({ plan: each, observation, attempts: counting(at, observation), sessions: new Map() }),
      );
      const once = new Map(found.map((suspicion) => [suspicion.object, suspicion]));
      return [...once.values()].flatMap((suspicion): readonly Symptom[] => {
        const since = bornAt(at, suspicion.object);
        if (since !== undefined && now - since < rule.graceSeconds * 1000) return [];
        return [suspicion];
      });
    },
  };
}

/** How often writing an image has failed, by the operator's events: its own counter is reset after each write. */
function counting({ snapshot }: DiagnosisCase, observation: Observation): AttemptsByHost {
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

function bornAt({ snapshot }: DiagnosisCase, named: string): number | undefined {
  const readings = [...Object.values(snapshot.management.parts), ...Object.values(snapshot.workload.parts)];
  const object = readings
    .flatMap(({ objects = [] }): readonly KubernetesObject[] => objects)
    .find(({ kind, metadata }) => `${kind}/${metadata.name}` === named);
  const time = Date.parse(object?.metadata.creationTimestamp ?? "");
  return Number.isNaN(time) ? undefined : time;
}
