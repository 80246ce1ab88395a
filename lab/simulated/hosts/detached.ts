import { text, type KubernetesObject } from "../../../model/kubernetes/object";
import { detachedAnnotation, isDetached } from "../../../model/live/rollout/server";

/** What detaching a host, or attaching it again, does next; undefined when neither is on. */
export type DetachStep = { readonly kind: "detach" | "attach" | "delete-detached" | "rest" };

const resting = ["provisioned", "externally provisioned", "available", "ready"];

/**
 * BMO detaches a host with the annotation when it rests, or at once when forced, and then does nothing with it. Its deletion
 * skips wipe and power: the host goes to `deleting`, where it counts as attached again (host_state_machine.go,
 * checkInitiateDelete and checkDetachedHost).
 */
export function detachStep(host: KubernetesObject): DetachStep | undefined {
  const detached = text(host, "status", "operationalStatus") === "detached";
  const state = text(host, "status", "provisioning", "state") ?? "";
  if (host.metadata.deletionTimestamp !== undefined) {
    if (!detached) return undefined;
    if (state === "deleting") return { kind: "attach" };
    return { kind: argumentsOf(host)["deleteAction"] === "delay" ? "rest" : "delete-detached" };
  }
  if (!isDetached(host)) return detached ? { kind: "attach" } : undefined;
  if (detached) return { kind: "rest" };
  return resting.includes(state) || argumentsOf(host)["force"] === true ? { kind: "detach" } : undefined;
}

/** The arguments in the annotation's value: any text will do, and only JSON has some. */
function argumentsOf({ metadata }: KubernetesObject): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(metadata.annotations?.[detachedAnnotation] ?? "");
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    // No JSON, so no arguments.
    return {};
  }
}
