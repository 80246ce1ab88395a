import type { BareMetalHost } from "../../model/kubernetes/metal3";
import type { ResourceType } from "../../model/kubernetes/object";
import { type KindOf, resources } from "../../model/kubernetes/resources";
import type { LiveCluster } from "../../model/live/rollout/live-cluster";
import { stackWith } from "../model/stacks";

/** The worked example, unprotected. */
export const stack = stackWith((raw) => (raw["protect"] = false));
/** The worked example. */
export const guarded = stackWith();
/** Of all objects in these tests. */
export const namespace = "capi-1";

type Parts = { readonly metadata?: object; readonly spec?: object; readonly status?: object };

/** An object of the stack. */
export function object<Kind extends string>(
  type: ResourceType<Kind>,
  name: string,
  { metadata, spec, status }: Parts = {},
): KindOf<Kind> {
  const labels = { "metal.internal/stack": "capi-1", "metal.internal/cluster": "capi-1" };
  const { apiVersion, kind } = type;
  return {
    apiVersion,
    kind,
    metadata: { name, namespace, labels, ...metadata },
    spec,
    status,
  } as unknown as KindOf<Kind>;
}

/** A host that the cluster's machine holds, unless it is free. */
export function host(name: string, parts: Parts & { readonly free?: true } = {}): BareMetalHost {
  return object(resources.BareMetalHost, name, {
    ...parts,
    spec: {
      ...(parts.free === true
        ? {}
        : { consumerRef: { kind: "Metal3Machine", name: `m-${name}`, namespace } }),
      ...parts.spec,
    },
    status: { provisioning: { state: parts.free === true ? "available" : "provisioned" }, ...parts.status },
  });
}

/** What runs, with a machine on each claimed host. */
export function live(
  parts: Partial<LiveCluster> & { readonly hosts: readonly BareMetalHost[] },
): LiveCluster {
  const cluster = object(resources.Cluster, "capi-1");
  const machines = parts.hosts
    .filter(({ spec }) => spec?.consumerRef !== undefined)
    .map(({ metadata }) =>
      object(resources.Machine, `m-${metadata.name}`, {
        spec: { infrastructureRef: { name: `m-${metadata.name}` } },
      }),
    );
  return {
    cluster,
    clusters: [cluster],
    metal3Machines: {
      objects: machines.map(({ metadata }) => object(resources.Metal3Machine, metadata.name)),
    },
    machineDeployments: [],
    machines,
    machineTemplates: [],
    bootstrapTemplates: [],
    addressClaims: [],
    hardware: new Map([["w1", { systemVendor: { serialNumber: "CZ1" }, storage: [{ name: "/dev/sda" }] }]]),
    ...parts,
  };
}

/** A host of this stack that a machine of another cluster of the namespace runs on. */
export const othersHost = () =>
  host("w1", {
    metadata: {
      labels: { "metal.internal/stack": "capi-1", "cluster.x-k8s.io/cluster-name": "other" },
    },
    spec: { consumerRef: { kind: "Metal3Machine", name: "other-md-0-x", namespace } },
  });
/** Nothing of the machines that claims name. */
export const goneMachines = { machines: [], metal3Machines: { objects: [] } };
/** Metal3Machines that cannot be listed. */
export const unlisted = { metal3Machines: { unread: { why: "cannot list metal3machines", status: 403 } } };
/** The status of a host that runs an image. */
export const provisioned = { provisioning: { state: "provisioned" } };

/** Metadata of a detached host. */
export const detached = {
  annotations: { "baremetalhost.metal3.io/detached": "" },
  labels: { "metal.internal/stack": "capi-1" },
};
