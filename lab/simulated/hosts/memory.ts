import crypto from "node:crypto";
import type { ActiveFaults } from "../../faults/fault";
import { type Credentials, stateOf } from "./states";
import { type Store, keyOf } from "../store";
import { type KubernetesObject, field, list, text } from "../../../model/kubernetes/object";
import { resources } from "../../../model/kubernetes/resources";

/** What the simulated operator remembers of hosts between two reconciliations. */
export class HostMemory {
  private readonly entered = new Map<string, { readonly mark: string; readonly at: number }>();
  private readonly failed = new Map<string, { readonly count: unknown; readonly request: string }>();
  /** Per host: the password that the armed fault made its BMC refuse; any other is then the right one. */
  private readonly refused = new Map<string, string>();

  /** Hosts that are deleted as detached ones, by uid: their servers go on as they are. */
  private readonly leftRunning = new Set<string>();

  constructor(private readonly faults: ActiveFaults) {}

  /** When the host entered its present state, or failed in it; epoch milliseconds. */
  sinceEntered(host: KubernetesObject): number {
    const key = host.metadata.uid ?? keyOf(host);
    const mark = `${stateOf(host)}/${String(field(host, "status", "errorCount") ?? 0)}`;
    const known = this.entered.get(key);
    if (known?.mark === mark) return known.at;
    // A lab that was restarted reads the moment from the object.
    const written = Date.parse(text(host, "status", "lastUpdated") ?? "");
    const at = known === undefined && !Number.isNaN(written) ? written : Date.now();
    this.entered.set(key, { mark, at });
    return at;
  }

  /** How the host's BMC answers the login in that Secret. */
  credentialsOf(host: KubernetesObject, secret: KubernetesObject | undefined): Credentials {
    const print = fingerprint(secret);
    if (print === undefined) return "missing";
    const key = keyOf(host);
    if (!this.faults.isActive("bmc-password", host.metadata.name)) {
      this.refused.delete(key);
      return "accepted";
    }
    if (!this.refused.has(key)) this.refused.set(key, print);
    return this.refused.get(key) === print ? "refused" : "accepted";
  }

  /** Whether spec or annotations have changed since the host's error was met. */
  retryRequested(host: KubernetesObject): boolean {
    const key = host.metadata.uid ?? keyOf(host);
    const count = field(host, "status", "errorCount") ?? 0;
    const request = JSON.stringify([host.metadata.generation, host.metadata.annotations]);
    const known = this.failed.get(key);
    if (known?.count === count) return count !== 0 && known.request !== request;
    this.failed.set(key, { count, request });
    return false;
  }

  /** A host is deleted without touching its server. */
  leaveRunning(host: KubernetesObject): void {
    this.leftRunning.add(host.metadata.uid ?? keyOf(host));
  }

  isLeftRunning(host: KubernetesObject): boolean {
    return this.leftRunning.has(host.metadata.uid ?? keyOf(host));
  }

  forget(host: KubernetesObject): void {
    this.leftRunning.delete(host.metadata.uid ?? keyOf(host));
    this.entered.delete(host.metadata.uid ?? keyOf(host));
    this.failed.delete(host.metadata.uid ?? keyOf(host));
  }
}

/** BMO holds BMC Secrets with this finalizer until their host is gone. */
export const secretFinalizer = "baremetalhost.metal3.io/secret";

/** The label by which BMO's cache finds Secrets. */
const secretLabel = { "environment.metal3.io": "baremetal" } as const;

/** What BMO writes onto a BMC Secret it uses, as a merge patch; undefined when all of it is there. */
export function claimPatch(
  secret: KubernetesObject,
  host: KubernetesObject,
): Record<string, unknown> | undefined {
  if (secret.metadata.deletionTimestamp !== undefined) return undefined;
  const owned = list(secret, "metadata", "ownerReferences").some(
    (owner) => text(owner, "uid") === host.metadata.uid,
  );
  const held = (secret.metadata.finalizers ?? []).includes(secretFinalizer);
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
      labels: secretLabel,
      finalizers: held
        ? secret.metadata.finalizers
        : [...(secret.metadata.finalizers ?? []), secretFinalizer],
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
export async function labelSecret(store: Store, name: string, namespace: string | undefined): Promise<void> {
  const secret = store.get(resources.Secret, name, namespace);
  if (secret === undefined || secret.metadata.labels?.["environment.metal3.io"] !== undefined) return;
  await store.patch(resources.Secret, secret, { metadata: { labels: secretLabel } });
}

/** A fingerprint of user name and password, so that neither is kept; undefined when either is missing. */
export function fingerprint(secret: KubernetesObject | undefined): string | undefined {
  const user = text(secret, "data", "username");
  const password = text(secret, "data", "password");
  if (user === undefined || password === undefined) return undefined;
  return crypto.createHash("sha256").update(`${user}\n${password}`).digest("hex");
}
