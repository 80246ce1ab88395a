import crypto from "node:crypto";
import { field, list, text, type KubernetesObject } from "../../../model/kubernetes/object";

/** BMO holds BMC Secrets with this finalizer until their host is gone. */
export const SECRET_FINALIZER = "baremetalhost.metal3.io/secret";

/** The label by which BMO's cache finds BMC Secrets. */
export const SECRET_LABEL = { "environment.metal3.io": "baremetal" } as const;

/** What BMO writes onto a BMC Secret it uses, as a merge patch; undefined when all of it is there. */
export function claimPatch(
  secret: KubernetesObject,
  host: KubernetesObject,
): Record<string, unknown> | undefined {
  if (secret.metadata.deletionTimestamp !== undefined) return undefined;
  const owned = list(secret, "metadata", "ownerReferences").some(
    (owner) => text(owner, "uid") === host.metadata.uid,
  );
  const held = (secret.metadata.finalizers ?? []).includes(SECRET_FINALIZER);
  const labelled = field(secret, "metadata", "labels", "environment.metal3.io") === "baremetal";
  if (owned && held && labelled) return undefined;
  const owner = {
    apiVersion: host.apiVersion,
    kind: host.kind,
    name: host.metadata.name,
    uid: host.metadata.uid,
  };
  const owners = list(secret, "metadata", "ownerReferences");
  return {
    metadata: {
      resourceVersion: secret.metadata.resourceVersion,
      labels: SECRET_LABEL,
      finalizers: held
        ? secret.metadata.finalizers
        : [...(secret.metadata.finalizers ?? []), SECRET_FINALIZER],
      ownerReferences: owned ? owners : [...owners, owner],
    },
  };
}

/** A fingerprint of user name and password, so that neither is kept; undefined when either is missing. */
export function fingerprint(secret: KubernetesObject | undefined): string | undefined {
  const user = text(secret, "data", "username");
  const password = text(secret, "data", "password");
  if (user === undefined || password === undefined) return undefined;
  return crypto.createHash("sha256").update(`${user}\n${password}`).digest("hex");
}
