import { field, text, type KubernetesObject } from "../../../model/kubernetes/object";

/** CAPM3 sets this label on a host it takes and removes it on release (facts 4.5). */
export const CLUSTER_LABEL = "cluster.x-k8s.io/cluster-name";

/** Where a Metal3Machine keeps its host: `namespace/name`. */
export const HOST_ANNOTATION = "metal3.io/BareMetalHost";

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
    metadata: { resourceVersion: host.metadata.resourceVersion, labels: { [CLUSTER_LABEL]: cluster } },
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

/** The first half of a release: the host loses what makes it run. Data that the user had put there stays. */
export function emptyHost(host: KubernetesObject, rendered: RenderedData): Record<string, unknown> {
  const ours = (key: "metaData" | "networkData") =>
    rendered[key] !== undefined && text(host, "spec", key, "name") === rendered[key] ? { [key]: null } : {};
  return {
    spec: { image: null, userData: null, ...ours("metaData"), ...ours("networkData"), online: false },
  };
}

/** The second half, when the host was cleaned: it belongs to nobody. */
export function freeHost(host: KubernetesObject): Record<string, unknown> {
  return {
    metadata: { resourceVersion: host.metadata.resourceVersion, labels: { [CLUSTER_LABEL]: null } },
    spec: { consumerRef: null },
  };
}

function named(key: string, value: string | undefined): Record<string, string> {
  return value === undefined ? {} : { [key]: value };
}
