import crypto from "node:crypto";
import { field, list, text, type KubernetesObject } from "../../../model/kubernetes/object";
import { resources } from "../../../model/kubernetes/resources";
import type { World } from "../store";

/** BMO holds BMC Secrets with this finalizer until their host is gone. */
export const SECRET_FINALIZER = "baremetalhost.metal3.io/secret";

/** The label by which BMO's cache finds Secrets. */
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

/** Where a host names Secrets with data for its machine; the operator reads them when it writes the image. */
const dataFields = ["userData", "metaData", "networkData"] as const;

/** The Secrets that the operator reads as a host enters a state: only what has its label is in its cache (pkg/secretutils). */
export function secretsReadIn(state: string, host: KubernetesObject): readonly string[] {
  const names =
    state === "provisioning"
      ? dataFields.map((each) => text(host, "spec", each, "name"))
      : state === "registering"
        ? [text(host, "spec", "preprovisioningNetworkDataName")]
        : [];
  return names.filter((name) => name !== undefined);
}

/** Puts the operator's label on a Secret that it reads, also on one of the user's. */
export async function labelSecret(world: World, name: string, namespace: string | undefined): Promise<void> {
  const secret = world.get(resources.Secret, name, namespace);
  if (secret === undefined || secret.metadata.labels?.["environment.metal3.io"] !== undefined) return;
  await world.patch(resources.Secret, secret, { metadata: { labels: SECRET_LABEL } });
}

/** A fingerprint of user name and password, so that neither is kept; undefined when either is missing. */
export function fingerprint(secret: KubernetesObject | undefined): string | undefined {
  const user = text(secret, "data", "username");
  const password = text(secret, "data", "password");
  if (user === undefined || password === undefined) return undefined;
  return crypto.createHash("sha256").update(`${user}\n${password}`).digest("hex");
}
