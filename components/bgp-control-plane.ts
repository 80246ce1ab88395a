import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { CiliumRender } from "../model/cilium/manifest";
import { rolloutPlan } from "../model/cilium/upgrade";
import type { SecretPath } from "../model/stack/secrets";
import { text } from "../model/kubernetes/object";
import type { BgpPlan, ClusterPlan, PlannedNodeOverride } from "../model/plan/plan";
import { kubernetesObject, kubernetesSecret } from "./kubernetes-object";
import { waitCommand } from "./wait";
import type { WorkloadAccess } from "./workload-access";
import type { WorkloadCluster } from "./workload-cluster";

/** What the BGP step needs of the steps before it. */
export interface BgpArgs {
  readonly plan: ClusterPlan;
  readonly bgp: BgpPlan;
  readonly render: CiliumRender;
  readonly secret: (path: SecretPath) => pulumi.Output<string>;
  readonly access: WorkloadAccess;
  readonly workload: WorkloadCluster;
  readonly management: k8s.Provider;
  readonly dependsOn: readonly pulumi.Resource[];
}

/** BGP inside the cluster, done when every session is established. All of it goes with the Cluster. */
export class BgpControlPlane extends pulumi.ComponentResource {
  constructor(name: string, args: BgpArgs, options?: pulumi.ComponentResourceOptions) {
    super("metal:index:BgpControlPlane", name, {}, options);
    const { plan, bgp, render, workload } = args;
    const inCluster = {
      parent: this,
      provider: args.access.provider,
      deletedWith: workload.cluster,
      dependsOn: [...args.dependsOn],
    };
    // GitOps owns them: they are retained, and changes are neither shown nor written here.
    const left =
      bgp.lifecycle === "gitops" ? { retainOnDelete: true, ignoreChanges: ["metadata", "spec"] } : {};
    const secrets = bgp.secrets.map((planned) =>
      kubernetesSecret(planned, args.secret, undefined, inCluster),
    );
    const objects = bgp.objects.map((manifest) =>
      kubernetesObject(manifest, { ...inCluster, ...left, dependsOn: [...args.dependsOn, ...secrets] }),
    );
    const overrides = bgp.nodeOverrides.map((override) =>
      this.nodeOverride(override, args, { ...inCluster, ...left, dependsOn: [...args.dependsOn] }),
    );
    waitCommand(
      `${name}-sessions`,
      {
        plan,
        waitFor: bgp.readiness,
        // Agents that restart have to establish their sessions again.
        whenChanges: [
          ...[bgp.objects, bgp.nodeOverrides, plan.readiness.hosts, plan.readiness.workerPools],
          rolloutPlan(plan, render).workloads,
        ],
      },
      { parent: this, dependsOn: [...objects, ...overrides] },
    );
    this.registerOutputs({});
  }

  /** A node has the name of its machine, which the host's consumerRef holds once the host is claimed. */
  private nodeOverride(
    { host, manifest }: PlannedNodeOverride,
    args: BgpArgs,
    inCluster: pulumi.CustomResourceOptions,
  ): pulumi.Resource {
    // `CustomResource.get` has outputs for apiVersion and kind alone; the constructor with an id has one for each key.
    const taken = new k8s.apiextensions.CustomResource(
      `node-of-${host}`,
      { apiVersion: "metal3.io/v1alpha1", kind: "BareMetalHost", spec: {} },
      {
        // Not the kubeconfig: a preview that may not read it may read hosts, and a name that is unknown shows a replacement.
        id: args.access.ready.apply(() => `${args.plan.namespace}/${host}`),
        parent: this,
        provider: args.management,
      },
    ) as k8s.apiextensions.CustomResource & { readonly spec: pulumi.Output<unknown> };
    const node = taken.spec.apply((spec) => text(spec, "consumerRef", "name") ?? "");
    return new k8s.apiextensions.CustomResource(
      `CiliumBGPNodeConfigOverride/${host}`,
      { ...manifest, metadata: { name: node } },
      inCluster,
    );
  }
}
