import type { KubernetesObject } from "../../model/kubernetes/object";
import { resources } from "../../model/kubernetes/resources";
import type { RolloutReadinessPlan } from "../../model/plan/readiness";
import * as o from "../readiness/objects";

const image = (version: string) => `quay.io/cilium/cilium:v${version}`;
const metadata = { namespace: "kube-system" };

/** The rollout of Cilium 1.19.5 with these settings. */
export function rolloutTo(version: string, settings = "a"): RolloutReadinessPlan {
  const release = { images: { "cilium-agent": image(version) }, annotations: { checksum: settings } };
  return {
    subject: "rollout",
    cluster: "capi-1",
    namespace: o.namespace,
    workloads: [{ kind: "DaemonSet", namespace: "kube-system", name: "cilium", release }],
    timeoutSeconds: 60,
  };
}

const podOf = (version: string, settings: string) => ({
  metadata: { annotations: { checksum: settings } },
  spec: { containers: [{ name: "cilium-agent", image: image(version) }] },
});

/** DaemonSet kube-system/cilium that asks for a version on two nodes. */
export function daemonSet(version: string, counts: { updated: number; ready: number }, settings = "a") {
  return o.object(resources.DaemonSet, "cilium", {
    metadata,
    spec: { template: podOf(version, settings) },
    status: {
      observedGeneration: 1,
      desiredNumberScheduled: 2,
      numberReady: counts.ready,
      updatedNumberScheduled: counts.updated,
      numberUnavailable: 2 - counts.ready,
    },
  });
}

/** A node's agent. */
export function agent(
  node: string,
  version: string,
  parts: {
    readonly ready?: boolean;
    readonly settings?: string;
    readonly going?: true;
    readonly why?: string;
  } = {},
): KubernetesObject {
  const { ready = true, settings = "a", going, why } = parts;
  const { spec } = podOf(version, settings);
  return o.object(resources.Pod, `cilium-${node}-${version}-${settings}`, {
    metadata: {
      ...metadata,
      labels: { "k8s-app": "cilium", "app.kubernetes.io/part-of": "cilium" },
      annotations: { checksum: settings },
      ...(going === undefined ? {} : { deletionTimestamp: "2026-11-23T10:00:00Z" }),
    },
    spec: { ...spec, nodeName: node },
    status: {
      conditions: [o.condition("Ready", ready ? "True" : "False")],
      containerStatuses: why === undefined ? [] : [{ state: { waiting: { reason: "Error", message: why } } }],
    },
  });
}
