import * as pulumi from "@pulumi/pulumi";
import type { ClusterPlan } from "../model/plan/plan";
import { kubernetesObject } from "./kubernetes-object";

/** The Cluster API objects. The Cluster is made last and deleted first, and everything inside the cluster goes with it. */
export class WorkloadCluster extends pulumi.ComponentResource {
  readonly cluster: pulumi.CustomResource;

  constructor(
    name: string,
    args: { readonly plan: ClusterPlan; readonly dependsOn: readonly pulumi.Resource[] },
    options: pulumi.ComponentResourceOptions,
  ) {
    super("metal:index:WorkloadCluster", name, {}, options);
    const { cluster, timeouts, protect } = args.plan;
    const customTimeouts = { delete: `${timeouts.delete}m` };
    const first = { parent: this, customTimeouts, dependsOn: [...args.dependsOn] };
    const templates = cluster.templates.map(({ key, manifest, retainOnDelete }) =>
      kubernetesObject(manifest, { ...first, retainOnDelete }, key),
    );
    const objects = cluster.objects.map((manifest) =>
      kubernetesObject(manifest, { ...first, dependsOn: [...args.dependsOn, ...templates] }),
    );
    this.cluster = kubernetesObject(cluster.cluster, {
      ...first,
      protect,
      dependsOn: [...args.dependsOn, ...templates, ...objects],
    });
    this.registerOutputs({});
  }
}
