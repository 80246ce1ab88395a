import { text, type KubernetesObject } from "../../../model/kubernetes/object";
import { isDetached } from "../../../model/live/rollout/server";

/** What taking a host out of the operator's hands, or giving it back, does next; undefined when it plays no part. */
export type DetachStep = { readonly kind: "detach" | "attach" | "forget" | "rest" };

const resting = ["provisioned", "externally provisioned", "available", "ready"];

/**
 * BMO lets go of a host with the annotation when it rests, or at once when forced; it then does nothing with it, and a
 * deletion skips wipe and power (host_state_machine.go, checkDetachedHost and checkInitiateDelete).
 */
export function detachStep(host: KubernetesObject): DetachStep | undefined {
  const letGo = text(host, "status", "operationalStatus") === "detached";
  const deleting = host.metadata.deletionTimestamp !== undefined;
  if (deleting) return letGo ? { kind: isDetached(host) ? "forget" : "rest" } : undefined;
  if (!isDetached(host)) return letGo ? { kind: "attach" } : undefined;
  if (letGo) return { kind: "rest" };
  const state = text(host, "status", "provisioning", "state") ?? "";
  return resting.includes(state) || isForced(host) ? { kind: "detach" } : undefined;
}

function isForced({ metadata }: KubernetesObject): boolean {
  try {
    const value: unknown = JSON.parse(metadata.annotations?.["baremetalhost.metal3.io/detached"] ?? "");
    return (value as { force?: unknown } | null)?.force === true;
  } catch {
    // Any text will do as the annotation's value; only JSON has arguments.
    return false;
  }
}
