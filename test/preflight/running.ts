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
  readonly host?: (host: string) => { readonly metadata?: object } | undefined;
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
  api.put({
    ...host,
    metadata: {
      ...host.metadata,
      labels: { ...labels, ...(isFree ? reuse : { "cluster.x-k8s.io/cluster-name": "capi-1" }) },
      ...options.host?.(name)?.metadata,
    },
    spec: {
      ...(host["spec"] as object),
      ...(isFree && kept === undefined ? {} : { consumerRef: isFree ? cluster : machine }),
    },
    status: {
      provisioning: { state: isFree ? "available" : "provisioned" },
      operationalStatus: "OK",
      hardware: hardware(macOf(host), {
        systemVendor: { serialNumber: `CZ-${name}` },
        storage: disksOf(host),
      }),
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
}

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
