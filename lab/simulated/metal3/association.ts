import { type KubernetesObject, field, list, text } from "../../../model/kubernetes/object";
import { nodeReuseLabel } from "../../../model/live/readiness/host-claim";

/** CAPM3 sets this label on a host it takes and removes it on release. */
export const clusterLabel = "cluster.x-k8s.io/cluster-name";

/** Where a Metal3Machine keeps its host: `namespace/name`. */
export const hostAnnotation = "metal3.io/BareMetalHost";

/** On every host that was ever taken: `clusterctl move` waits until it is gone. It stays after a release. */
const blockMove = "clusterctl.cluster.x-k8s.io/block-move";

/** Names of the Secrets with a machine's rendered data. */
export interface RenderedData {
  readonly metaData?: string;
  readonly networkData?: string;
}

/** What CAPM3 writes onto a host it takes for a machine, as a merge patch. */
export function claimHost(
  host: KubernetesObject,
  machine: KubernetesObject,
  cluster: string,
  userData: string,
  rendered: RenderedData,
): Record<string, unknown> {
  const { name, namespace } = machine.metadata;
  const image = field(machine, "spec", "image");
  const own = (key: "metaData" | "networkData") => {
    const secret = text(machine, "spec", key, "name") ?? rendered[key];
    return secret === undefined ? {} : { [key]: { name: secret, namespace } };
  };
  const cleaning = text(machine, "spec", "automatedCleaningMode");
  return {
    metadata: {
      resourceVersion: host.metadata.resourceVersion,
      labels: { [clusterLabel]: cluster, [nodeReuseLabel]: null },
      annotations: { [blockMove]: "" },
    },
    spec: {
      online: true,
      consumerRef: { apiVersion: machine.apiVersion, kind: machine.kind, name, namespace },
      image: {
        url: text(image, "url") ?? "",
        ...named("checksum", text(image, "checksum")),
        ...named("checksumType", text(image, "checksumType")),
        ...named("format", text(image, "diskFormat")),
      },
      userData: { name: userData, namespace },
      ...own("metaData"),
      ...own("networkData"),
      ...(cleaning === undefined ? {} : { automatedCleaningMode: cleaning }),
    },
  };
}

/**
 * The first half of a release: the host loses what makes it run. References to rendered data stay, dangling: CAPM3 looks in
 * the machine's status for what it has set, and has cleared that before.
 */
export function emptyHost(): Record<string, unknown> {
  return { spec: { image: null, userData: null, online: false } };
}

/** Who gets a host after its release: with nodeReuse the next machine of that set (`md-capi-1-workers`). */
export interface KeptFor {
  readonly cluster: KubernetesObject;
  readonly set: string;
}

/** The second half, when the host was cleaned: it is free, or kept for the next machine of its set. */
export function freeHost(host: KubernetesObject, keptFor?: KeptFor): Record<string, unknown> {
  const labels = {
    [clusterLabel]: null,
    ...(keptFor === undefined ? {} : { [nodeReuseLabel]: keptFor.set }),
  };
  const metadata = { resourceVersion: host.metadata.resourceVersion, labels };
  if (keptFor === undefined) return { metadata, spec: { consumerRef: null } };
  const { apiVersion, kind, metadata: of } = keptFor.cluster;
  return {
    metadata,
    spec: { consumerRef: { apiVersion, kind, name: of.name, namespace: of.namespace } },
  };
}

function named(key: string, value: string | undefined): Record<string, string> {
  return value === undefined ? {} : { [key]: value };
}

/** An owner reference of a controller: with its owner the object goes, too. */
export function ownerReference(owner: KubernetesObject) {
  return { ...plainOwnerReference(owner), controller: true };
}

/** An owner reference without controller and blockOwnerDeletion, as Metal3 sets most of its own; an object may have several. */
export function plainOwnerReference(owner: KubernetesObject) {
  const { name, uid } = owner.metadata;
  return { apiVersion: owner.apiVersion, kind: owner.kind, name, uid: uid ?? "" };
}

/** The name of the owner of this kind, if there is one. */
export function ownerOf(object: KubernetesObject | undefined, kind: string): string | undefined {
  const owner = list(object, "metadata", "ownerReferences").find((entry) => text(entry, "kind") === kind);
  return text(owner, "name");
}

/** Whether an object is owned by this very object, and not by one of the same name before it. */
export function isOwnedBy(object: KubernetesObject, owner: KubernetesObject): boolean {
  return list(object, "metadata", "ownerReferences").some(
    (entry) => text(entry, "uid") === owner.metadata.uid,
  );
}
