import type * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { type CiliumRender, readinessOf } from "../model/cilium/manifest";
import type { ClusterPlan } from "../model/plan/plan";
import { waitCommand } from "./wait";
import type { WorkloadCluster } from "./workload-cluster";

/** Done when the cluster is really ready: hosts, control plane, Cilium, nodes, and an endpoint that answers steadily. */
export class ClusterReadiness extends pulumi.ComponentResource {
  readonly command: command.local.Command;
  /** How long each phase took, per host: `[{phase, host?, start, end}]`. */
  readonly timeline: pulumi.Output<unknown>;

  constructor(
    name: string,
    args: { readonly plan: ClusterPlan; readonly render: CiliumRender; readonly workload: WorkloadCluster },
    options: pulumi.ComponentResourceOptions,
  ) {
    super("metal:index:ClusterReadiness", name, {}, options);
    const { plan, render, workload } = args;
    const { templates, objects, cluster } = plan.cluster;
    this.command = waitCommand(
      name,
      {
        plan,
        waitFor: readinessOf(plan, render),
        whenChanges: [{ templates, objects, cluster }, plan.hosts.hosts],
      },
      { parent: this, dependsOn: workload.cluster },
    );
    this.timeline = this.command.stdout.apply((text) => JSON.parse(text) as unknown);
    this.registerOutputs({});
  }
}
