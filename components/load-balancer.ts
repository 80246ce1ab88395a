import * as pulumi from "@pulumi/pulumi";
import type { LoadBalancerPlan } from "../model/plan/plan";
import { kubernetesObject } from "./kubernetes-object";
import type { WorkloadAccess } from "./workload-access";
import type { WorkloadCluster } from "./workload-cluster";

/** What the step needs of those before it. */
interface LoadBalancerArgs {
  readonly loadBalancer: LoadBalancerPlan;
  readonly access: WorkloadAccess;
  readonly workload: WorkloadCluster;
  /** Until then the kinds may be unknown to the cluster. */
  readonly dependsOn: readonly pulumi.Resource[];
}

/** Address pools of LoadBalancer services and the policies that announce them. All of it goes with the Cluster. */
export class LoadBalancer extends pulumi.ComponentResource {
  constructor(name: string, args: LoadBalancerArgs, options?: pulumi.ComponentResourceOptions) {
    super("metal:index:LoadBalancer", name, {}, options);
    for (const manifest of args.loadBalancer.objects) {
      kubernetesObject(manifest, {
        parent: this,
        provider: args.access.provider,
        deletedWith: args.workload.cluster,
        dependsOn: [...args.dependsOn],
      });
    }
    this.registerOutputs({});
  }
}
