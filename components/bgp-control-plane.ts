import * as pulumi from "@pulumi/pulumi";
import type { SecretPath } from "../model/config/secrets";
import type { BgpPlan, ClusterPlan } from "../model/plan/plan";
import { kubernetesObject, kubernetesSecret } from "./kubernetes-object";
import { waitCommand } from "./wait";
import type { WorkloadAccess } from "./workload-access";
import type { WorkloadCluster } from "./workload-cluster";

/** BGP inside the cluster, done when every session is established. All of it goes with the Cluster. */
export class BgpControlPlane extends pulumi.ComponentResource {
  constructor(
    name: string,
    args: {
      readonly plan: ClusterPlan;
      readonly bgp: BgpPlan;
      readonly secret: (path: SecretPath) => pulumi.Output<string>;
      readonly access: WorkloadAccess;
      readonly workload: WorkloadCluster;
      readonly dependsOn: readonly pulumi.Resource[];
    },
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("metal:index:BgpControlPlane", name, {}, options);
    const { plan, bgp, workload } = args;
    const inCluster = {
      parent: this,
      provider: args.access.provider,
      deletedWith: workload.cluster,
      dependsOn: [...args.dependsOn],
    };
    const secrets = bgp.secrets.map((planned) => kubernetesSecret(planned, args.secret, inCluster));
    const objects = bgp.objects.map((manifest) =>
      kubernetesObject(manifest, { ...inCluster, dependsOn: [...args.dependsOn, ...secrets] }),
    );
    waitCommand(
      `${name}-sessions`,
      {
        plan,
        waitFor: bgp.readiness,
        whenChanges: [bgp.objects, plan.readiness.hosts, plan.readiness.workerPools],
      },
      { parent: this, dependsOn: objects },
    );
    this.registerOutputs({});
  }
}
