import * as pulumi from "@pulumi/pulumi";
import type { KubernetesObject } from "../model/kubernetes/object";
import type { ClusterPlan } from "../model/plan/plan";
import { controlPlaneFirst } from "./control-plane-first";
import { kubernetesObject } from "./kubernetes-object";
import { teardownCleanup } from "./teardown-cleanup";

/**
 * The Cluster API objects. The Cluster is made last and deleted first, and everything inside the cluster goes with it.
 * Workers change when the control plane is through.
 */
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
    const declare = (manifest: KubernetesObject, ...after: readonly pulumi.Resource[]) =>
      kubernetesObject(manifest, { ...first, dependsOn: [...args.dependsOn, ...templates, ...after] });
    const isWorkers = ({ kind }: KubernetesObject) => kind === "MachineDeployment";
    const others = cluster.objects.filter((manifest) => !isWorkers(manifest)).map((each) => declare(each));
    const controlPlane = controlPlaneFirst(args.plan, { parent: this, dependsOn: others });
    const workers = cluster.objects.filter(isWorkers).map((manifest) => declare(manifest, controlPlane));
    this.cluster = kubernetesObject(cluster.cluster, {
      ...first,
      protect,
      dependsOn: [
        ...args.dependsOn,
        ...templates,
        ...others,
        ...workers,
        teardownCleanup(args.plan, { parent: this }),
      ],
    });
    this.registerOutputs({});
  }
}
