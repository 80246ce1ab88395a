import type { KindOf } from "../../model/kubernetes/resources";
import type { KubernetesObject, ResourceType } from "../../model/kubernetes/object";
import type { ClusterPlan } from "../../model/plan/plan";
import { planCluster } from "../../model/plan/plan-cluster";
import { stackWith } from "../model/stacks";

/** The moment of every snapshot in these tests. */
export const at = Date.parse("2026-11-26T10:00:00Z");
/** When everything had become as it is. */
export const then = "2026-11-26T08:00:00Z";

/** The plan of the worked example: three control planes, one worker, BGP with one router. */
export const plan: ClusterPlan = planCluster(stackWith());
const { name: cluster, namespace } = plan;

/** On all that Cluster API made for the cluster. */
export const labels = { "cluster.x-k8s.io/cluster-name": cluster };

/** A condition that has held for two hours. */
export function condition(type: string, status = "True", reason = "Available", message = ""): object {
  return { type, status, reason, message, lastTransitionTime: then };
}

/** An object that has been there for two hours. */
export function live<Kind extends string>(
  type: ResourceType<Kind>,
  name: string,
  parts: Record<string, unknown> = {},
): KindOf<Kind> {
  const { metadata, ...rest } = parts as { metadata?: object };
  const space = type.namespaced ? { namespace } : {};
  return {
    apiVersion: type.apiVersion,
    kind: type.kind,
    metadata: { name, ...space, uid: `uid-${name}`, generation: 1, creationTimestamp: then, ...metadata },
    ...rest,
  } as unknown as KindOf<Kind>;
}

/** A planned object as it is once its controllers have seen it. */
export function settled(planned: KubernetesObject, status: object = {}): KubernetesObject {
  const { metadata } = planned;
  return {
    ...planned,
    metadata: { ...metadata, uid: `uid-${metadata.name}`, generation: 1, creationTimestamp: then },
    status: { observedGeneration: 1, ...status },
  };
}

/** One server with what became of it. */
export interface Server {
  readonly host: string;
  readonly pool: string;
  readonly machine: string;
  readonly address: string;
}

/** The servers of the worked example. */
export const servers: readonly Server[] = [
  { host: "capi-1-cp-1", pool: "control-plane", machine: "capi-1-aaaa1", address: "10.250.250.20" },
  { host: "capi-1-cp-2", pool: "control-plane", machine: "capi-1-aaaa2", address: "10.250.250.21" },
  { host: "capi-1-cp-3", pool: "control-plane", machine: "capi-1-aaaa3", address: "10.250.250.22" },
  { host: "capi-1-w-1", pool: "workers", machine: "capi-1-workers-bbbbb-1", address: "10.250.250.23" },
];
