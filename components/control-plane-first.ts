import type * as pulumi from "@pulumi/pulumi";
import type { ClusterPlan } from "../model/plan/plan";
import { waitCommand } from "./wait";

/**
 * Done when every control plane machine is of the present template and version; workers are updated after it. They would
 * otherwise start at once, and without a spare host lose their machines while Cluster API holds their successors back.
 */
export function controlPlaneFirst(plan: ClusterPlan, options: pulumi.CustomResourceOptions): pulumi.Resource {
  const controlPlane = plan.cluster.objects.filter(({ kind }) => kind === "KubeadmControlPlane");
  return waitCommand(
    "control-plane-first",
    { plan, waitFor: plan.controlPlaneFirst, whenChanges: controlPlane },
    options,
  );
}
