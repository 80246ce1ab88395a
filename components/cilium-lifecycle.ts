import * as pulumi from "@pulumi/pulumi";
import type { CiliumRender } from "../model/cilium/manifest";
import type { ClusterPlan } from "../model/plan/plan";
import { kubernetesObject } from "./kubernetes-object";
import type { WorkloadAccess } from "./workload-access";
import type { WorkloadCluster } from "./workload-cluster";

/**
 * Who owns Cilium once the resource set has applied it. `pulumi`: this stack adopts the same objects, so that a change is
 * a readable diff and a rollout that is waited for. Any other: not this step. What was adopted is only let go of when it
 * leaves the program: the next owner, or nobody, finds it running.
 */
export class CiliumLifecycle extends pulumi.ComponentResource {
  readonly objects: readonly pulumi.Resource[];

  constructor(
    name: string,
    args: {
      readonly plan: ClusterPlan;
      readonly render: CiliumRender;
      readonly access: WorkloadAccess;
      readonly workload: WorkloadCluster;
    },
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("metal:index:CiliumLifecycle", name, {}, options);
    const { objects, secrets } = args.render;
    const adopted = args.plan.cilium.lifecycle === "pulumi" ? [...objects, ...(secrets?.objects ?? [])] : [];
    const rollout = `${args.plan.timeouts.rollout}m`;
    const inCluster = {
      parent: this,
      provider: args.access.provider,
      deletedWith: args.workload.cluster,
      retainOnDelete: true,
      customTimeouts: { create: rollout, update: rollout },
    };
    // The namespace comes first in the render, and roles live in it.
    const namespaces = adopted
      .filter(({ kind }) => kind === "Namespace")
      .map((object) => kubernetesObject(object, inCluster));
    this.objects = adopted
      .filter(({ kind }) => kind !== "Namespace")
      .map((object) =>
        kubernetesObject(object, { ...inCluster, dependsOn: namespaces }, keyOf(object.metadata)),
      );
    this.registerOutputs({});
  }
}

/** Roles of one name live in several namespaces. */
function keyOf({ namespace, name }: { readonly namespace?: string; readonly name: string }): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}
