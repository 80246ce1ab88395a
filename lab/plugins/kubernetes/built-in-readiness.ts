import { asString, at, type Json, type JsonObject } from "../grpc/property-value";
import type { ReadyCheck } from "./wait-for";

function number(value: Json | undefined): number {
  return typeof value === "number" ? value : 0;
}

function observed(live: JsonObject): boolean {
  return number(at(live, "status", "observedGeneration")) >= number(at(live, "metadata", "generation"));
}

const daemonSet: ReadyCheck = (live) => {
  if (at(live, "spec", "updateStrategy", "type") === "OnDelete") return { ready: true, message: "" };
  const desired = number(at(live, "status", "desiredNumberScheduled"));
  const updated = number(at(live, "status", "updatedNumberScheduled"));
  const available = number(at(live, "status", "numberAvailable"));
  const ready = observed(live) && updated >= desired && available >= desired;
  return {
    ready,
    message: ready
      ? ""
      : `Waiting for daemon set rollout: ${updated} of ${desired} updated, ${available} available`,
  };
};

function replicated(availableField: string): ReadyCheck {
  return (live) => {
    const replicas = at(live, "spec", "replicas");
    const wanted = typeof replicas === "number" ? replicas : 1;
    const updated = number(at(live, "status", "updatedReplicas"));
    const available = number(at(live, "status", availableField));
    const surplus = number(at(live, "status", "replicas")) > updated;
    const ready = observed(live) && updated >= wanted && available >= wanted && !surplus;
    return {
      ready,
      message: ready ? "" : `Waiting for rollout: ${updated} of ${wanted} updated, ${available} available`,
    };
  };
}

const job: ReadyCheck = (live) => {
  const conditions = at(live, "status", "conditions");
  const complete = (Array.isArray(conditions) ? conditions : []).some(
    (condition) =>
      ["Complete", "SuccessCriteriaMet"].includes(asString(at(condition, "type")) ?? "") &&
      at(condition, "status") === "True",
  );
  return { ready: complete, message: complete ? "" : "Waiting for the job to complete" };
};

const checks: Readonly<Record<string, ReadyCheck>> = {
  "apps/v1/DaemonSet": daemonSet,
  "apps/v1/Deployment": replicated("availableReplicas"),
  "apps/v1/StatefulSet": replicated("readyReplicas"),
  "batch/v1/Job": job,
};

/** What the provider waits for without being asked, by kind; undefined for kinds that are ready once they exist. */
export function builtInCheck(object: JsonObject): ReadyCheck | undefined {
  return checks[`${asString(object["apiVersion"]) ?? ""}/${asString(object["kind"]) ?? ""}`];
}

/** Whether a Service is ready only when there are Pods behind it: one with a selector that is not external. */
export function needsEndpoints(object: JsonObject): boolean {
  return (
    object["apiVersion"] === "v1" &&
    object["kind"] === "Service" &&
    at(object, "spec", "type") !== "ExternalName" &&
    Object.keys((at(object, "spec", "selector") ?? {}) as JsonObject).length > 0
  );
}
