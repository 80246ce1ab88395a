import assert from "node:assert/strict";
import type { KubernetesObject } from "../../model/kubernetes/object";
import type { ReadinessPlan } from "../../model/live/readiness/assess";
import * as o from "./objects";
import { readyBut } from "./situation";

/** What is seen, and the causes that are then named. */
export interface Case {
  readonly plan?: ReadinessPlan;
  /** Found this long after a healthy look. */
  readonly after: number;
  readonly objects: readonly KubernetesObject[];
  /** Exact ids, in order. */
  readonly ids: readonly string[];
}

/** What CAPM3 says of a machine without a host. */
export const noHost = o.condition("AssociateBareMetalHost", "False", "no available host found");

/** A Machine that Cluster API made, and whose KubeadmConfig it has deleted again. */
export function configGone(): KubernetesObject {
  const [, machine] = o.machine("m-new");
  const words = [
    "BootstrapConfigReady",
    "False",
    "KubeadmConfig does not exist",
    "ObjectDoesNotExist",
  ] as const;
  return {
    ...(machine ?? assert.fail()),
    status: { conditions: [o.condition(...words)] },
  } as KubernetesObject;
}

/** The object, being deleted. */
export const leaving = (object: KubernetesObject): KubernetesObject => ({
  ...object,
  metadata: { ...object.metadata, deletionTimestamp: "2026-11-23T10:00:00Z" },
});

/** Causes that stand with machines. */
export const machineCauses: Readonly<Record<string, Case>> = {
  "a machine for which all hosts are taken": {
    after: 31,
    objects: readyBut(o.machine("m-new", undefined, [noHost])),
    ids: ["hosts/none-matches"],
  },
  "a machine whose only free host has other labels": {
    after: 31,
    objects: readyBut([
      ...o.machine("m-w1", undefined, [noHost]),
      o.host("w1", { state: "available", labels: { pool: "other" } }),
    ]),
    ids: ["hosts/none-matches"],
  },
  "a machine whose only free host is kept for another pool": {
    after: 31,
    objects: readyBut([
      ...o.machine("m-w1", undefined, [noHost]),
      o.host("w1", {
        state: "available",
        keptFor: "capi-1",
        labels: {
          pool: "p",
          "metal.internal/pool": "md-0",
          "infrastructure.cluster.x-k8s.io/node-reuse": "md-capi-1-md-9",
        },
      }),
    ]),
    ids: ["hosts/none-matches"],
  },
  "a machine that reboots did not help": {
    after: 31,
    objects: readyBut([
      o.host("w1", {
        state: "provisioned",
        consumer: "m-w1",
        annotations: { "capm3.metal3.io/unhealthy": "capm3/UnhealthyNode" },
      }),
      o.node("w1", false),
    ]),
    ids: ["machines/remediation-given-up"],
  },
  "a machine whose KubeadmConfig is gone": {
    after: 121,
    objects: readyBut([configGone()]),
    ids: ["machines/bootstrap-config-gone"],
  },
};
