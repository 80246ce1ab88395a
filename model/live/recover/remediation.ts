import type { Machine } from "../../kubernetes/cluster-api";
import type { Metal3Remediation } from "../../kubernetes/metal3";
import type { KubernetesObject } from "../../kubernetes/object";

/** What CAPM3 holds a Metal3Remediation with while it reboots a host. */
export const remediationFinalizer = "metal3remediation.infrastructure.cluster.x-k8s.io";

/** The phases in which CAPM3 does nothing more, and never takes its finalizer away. */
const finalPhases = ["Deleting machine", "Failed"];

/** Name of the Machine that a Metal3Remediation is about. */
export function remediatedMachine({ metadata }: KubernetesObject): string | undefined {
  return metadata.ownerReferences?.find(({ kind }) => kind === "Machine")?.name;
}

/**
 * Whether a Metal3Remediation stays unless its finalizer is removed: its Machine is gone, which CAPM3 then looks
 * for in vain (controllers/metal3remediation_controller.go, Reconcile), or it was deleted in a phase that does nothing.
 */
export function isOrphaned(remediation: Metal3Remediation, machines: readonly Machine[]): boolean {
  const { deletionTimestamp, ownerReferences = [] } = remediation.metadata;
  const owner = ownerReferences.find(({ kind }) => kind === "Machine");
  if (owner === undefined) return false;
  if (!machines.some(({ metadata }) => metadata.name === owner.name && isSame(metadata.uid, owner.uid))) {
    return true;
  }
  const phase = remediation.status?.phase ?? "";
  return deletionTimestamp !== undefined && finalPhases.includes(phase);
}

function isSame(uid: string | undefined, wanted: string): boolean {
  return uid === undefined || uid === wanted;
}

/** A merge patch that removes the finalizer, and fails if the object has changed meanwhile. */
export function withoutFinalizer({ metadata }: KubernetesObject): object {
  const finalizers = (metadata.finalizers ?? []).filter((name) => name !== remediationFinalizer);
  return { metadata: { resourceVersion: metadata.resourceVersion, finalizers } };
}
