import type { KubernetesObject } from "../../model/kubernetes/object";
import { resources } from "../../model/kubernetes/resources";
import type { RawStack } from "../model/stacks";
import type { FakeApi } from "../wait/fake-api";
import { hardware, namespace, plannedBefore } from "./situation";

/** What a test says about a cluster that runs. */
export interface RunningOptions {
  /** The stack file from which it was made; capi-1 when left out. */
  readonly before?: (raw: RawStack) => void;
  /** Changes the machine on a host. */
  readonly machine?: (host: string) => { readonly metadata?: object; readonly status?: object } | undefined;
  /** Changes a host. */
  readonly host?: (
    host: string,
  ) => { readonly metadata?: object; readonly spec?: object; readonly status?: object } | undefined;
  /** Hosts without a machine. */
  readonly free?: readonly string[];
  /** Of the free hosts, those that CAPM3 1.14 keeps for reuse, with the set that they are kept for (`md-capi-1-workers`). */
  readonly kept?: Readonly<Record<string, string>>;
}

const condition = (type: string, status: "True" | "False") => ({ type, status, reason: "x", message: "" });

/** Puts a cluster there as it is after an update: every object, and a machine on every host that is not free. */
export function running(options: RunningOptions = {}) {
  return (api: FakeApi): void => {
    const planned = plannedBefore(options.before);
    const endpoint = { host: "127.0.0.9", port: 9 };
    for (const object of planned) {
      if (object.kind === "BareMetalHost") putHost(api, object, options);
      else if (object.kind !== "Cluster") api.put(object);
      else api.put({ ...object, spec: { ...(object["spec"] as object), controlPlaneEndpoint: endpoint } });
    }
  };
}

function putHost(api: FakeApi, host: KubernetesObject, options: RunningOptions): void {
  const { name, labels = {} } = host.metadata;
  const isFree = options.free?.includes(name) === true;
  const kept = options.kept?.[name];
  const reuse = kept === undefined ? {} : { "infrastructure.cluster.x-k8s.io/node-reuse": kept };
  const cluster = { apiVersion: "cluster.x-k8s.io/v1beta2", kind: "Cluster", name: "capi-1", namespace };
  const machine = { kind: "Metal3Machine", name: `m-${name}`, namespace };
  const change = options.host?.(name);
  api.put({
    ...host,
    metadata: {
      ...host.metadata,
      labels: { ...labels, ...(isFree ? reuse : { "cluster.x-k8s.io/cluster-name": "capi-1" }) },
      ...change?.metadata,
    },
    spec: {
      ...(host["spec"] as object),
      ...(isFree && kept === undefined ? {} : { consumerRef: isFree ? cluster : machine }),
      ...change?.spec,
    },
    status: {
      provisioning: { state: isFree ? "available" : "provisioned" },
      operationalStatus: "OK",
      hardware: hardware(macOf(host), {
        systemVendor: { serialNumber: `CZ-${name}` },
        storage: disksOf(host),
      }),
      ...change?.status,
    },
  });
  if (!isFree) putMachine(api, host, options);
}

function putMachine(api: FakeApi, { metadata }: KubernetesObject, options: RunningOptions): void {
  const { apiVersion, kind } = resources.Machine;
  const change = options.machine?.(metadata.name);
  const { labels = {} } = metadata;
  api.put({
    apiVersion,
    kind,
    metadata: {
      name: `m-${metadata.name}`,
      namespace,
      labels: {
        "metal.internal/cluster": "capi-1",
        "metal.internal/pool": labels["metal.internal/pool"] ?? "",
        "cluster.x-k8s.io/cluster-name": "capi-1",
      },
      ...change?.metadata,
    },
    spec: { version: "v1.36.3", infrastructureRef: { name: `m-${metadata.name}` } },
    status: { conditions: [condition("Ready", "True"), condition("UpToDate", "True")], ...change?.status },
  });
  putMetal3Machine(api, `m-${metadata.name}`, "capi-1");
}

/** The object that a host names as its consumer. */
export function putMetal3Machine(api: FakeApi, name: string, cluster: string): void {
  const { apiVersion, kind } = resources.Metal3Machine;
  const labels = { "cluster.x-k8s.io/cluster-name": cluster };
  api.put({ apiVersion, kind, metadata: { name, namespace, labels } });
}

/** What makes a host one of another cluster of the namespace; with `free`, as no machine of this one is on it. */
export const ofOtherCluster = {
  metadata: {
    labels: {
      "metal.internal/stack": "capi-1",
      "metal.internal/pool": "workers",
      "cluster.x-k8s.io/cluster-name": "other",
    },
  },
  spec: { consumerRef: { kind: "Metal3Machine", name: "other-md-0-abcde", namespace } },
  status: { provisioning: { state: "provisioned" } },
};

function macOf(host: KubernetesObject): string {
  return (host["spec"] as { bootMACAddress: string }).bootMACAddress;
}

/** The declared root disk, and one that only cleaning touches. */
function disksOf(host: KubernetesObject): readonly object[] {
  const { rootDeviceHints } = host["spec"] as { rootDeviceHints: { serialNumber: string } };
  return [
    { name: "/dev/sdb", sizeBytes: 480e9, serialNumber: "DATA" },
    { name: "/dev/sda", sizeBytes: 960e9, serialNumber: rootDeviceHints.serialNumber },
  ];
}

/** A machine that is not ready. */
export const notReady = {
  status: { conditions: [condition("Ready", "False"), condition("UpToDate", "True")] },
};
/** A machine that a rollout which has begun has not reached yet. */
export const outdated = {
  status: { conditions: [condition("Ready", "True"), condition("UpToDate", "False")] },
};
