import type { KubernetesObject } from "../../model/kubernetes/object";

/** What a test says about a host; the rest is an available host without a user. */
export interface HostParts {
  readonly name?: string;
  readonly state?: string;
  readonly spec?: Record<string, unknown>;
  readonly status?: Record<string, unknown>;
  readonly labels?: Record<string, string>;
  readonly annotations?: Record<string, string>;
  readonly deleting?: boolean;
}

/** A BareMetalHost in namespace `metal`. */
export function host(parts: HostParts = {}): KubernetesObject {
  return {
    apiVersion: "metal3.io/v1alpha1",
    kind: "BareMetalHost",
    metadata: {
      name: parts.name ?? "h1",
      namespace: "metal",
      uid: "uid-h1",
      labels: parts.labels ?? { role: "worker" },
      ...(parts.annotations === undefined ? {} : { annotations: parts.annotations }),
      ...(parts.deleting === true ? { deletionTimestamp: "2026-11-23T10:00:00Z" } : {}),
    },
    spec: {
      online: true,
      bmc: { address: "redfish://192.0.2.1/redfish/v1/Systems/1", credentialsName: "h1-bmc" },
      ...parts.spec,
    },
    status: {
      errorCount: 0,
      errorMessage: "",
      provisioning: { state: parts.state ?? "available" },
      ...parts.status,
    },
  };
}

/** A Metal3Machine that wants workers. */
export function metal3Machine(spec: Record<string, unknown> = {}): KubernetesObject {
  return {
    apiVersion: "infrastructure.cluster.x-k8s.io/v1beta2",
    kind: "Metal3Machine",
    metadata: { name: "m1", namespace: "metal", annotations: { rack: "r7" } },
    spec: {
      image: { url: "http://i/a", checksum: "abc", checksumType: "sha256", diskFormat: "qcow2" },
      hostSelector: { matchLabels: { role: "worker" } },
      ...spec,
    },
  };
}

/** An object of which only name and labels matter. */
export function named(kind: string, name: string, more: Record<string, unknown> = {}): KubernetesObject {
  const { labels, ...rest } = more as { labels?: Record<string, string> };
  return { apiVersion: "v1", kind, metadata: { name, ...(labels === undefined ? {} : { labels }) }, ...rest };
}
