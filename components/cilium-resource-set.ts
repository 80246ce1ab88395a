import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { CiliumRender } from "../model/cilium/manifest";
import { resourceSetOf } from "../model/cilium/resource-set";
import type { ResourceSetPlan } from "../model/plan/plan";
import type { CiliumManifest } from "./cilium-manifest";
import { kubernetesObject } from "./kubernetes-object";

/** The rendered Cilium in a ConfigMap, its Secrets in a Secret, and the ClusterResourceSet that applies it to this cluster. */
export class CiliumResourceSet extends pulumi.ComponentResource {
  constructor(
    name: string,
    args: {
      readonly plan: ResourceSetPlan;
      readonly render: CiliumRender;
      readonly manifest: CiliumManifest;
    },
    options: pulumi.ComponentResourceOptions,
  ) {
    super("metal:index:CiliumResourceSet", name, {}, options);
    const { payload, secretPayload } = args.plan;
    const { text, secretText } = args.manifest;
    const configMap = new k8s.core.v1.ConfigMap(
      `ConfigMap/${payload.metadata.name}`,
      { ...(payload as object), data: { "cilium.yaml": text } },
      { parent: this },
    );
    const payloads: pulumi.Resource[] = [configMap];
    if (secretText !== undefined) {
      const secret = { ...(secretPayload as object), stringData: { "cilium-secrets.yaml": secretText } };
      payloads.push(
        new k8s.core.v1.Secret(`Secret/${secretPayload.metadata.name}`, secret, { parent: this }),
      );
    }
    kubernetesObject(resourceSetOf(args.plan, args.render), { parent: this, dependsOn: payloads });
    this.registerOutputs({});
  }
}
