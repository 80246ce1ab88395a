import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { ResourceSetPlan } from "../model/plan/plan";
import type { CiliumManifest } from "./cilium-manifest";
import { kubernetesObject } from "./kubernetes-object";

/** The rendered Cilium in a ConfigMap, and the ClusterResourceSet that applies it to this cluster. */
export class CiliumResourceSet extends pulumi.ComponentResource {
  constructor(
    name: string,
    args: { readonly plan: ResourceSetPlan; readonly manifest: CiliumManifest },
    options: pulumi.ComponentResourceOptions,
  ) {
    super("metal:index:CiliumResourceSet", name, {}, options);
    const { payload, resourceSet } = args.plan;
    const configMap = new k8s.core.v1.ConfigMap(
      `ConfigMap/${payload.metadata.name}`,
      { ...(payload as object), data: { "cilium.yaml": args.manifest.text } },
      { parent: this },
    );
    kubernetesObject(resourceSet, { parent: this, dependsOn: configMap });
    this.registerOutputs({});
  }
}
