import type { WorkerPool } from "../stack/schema";
import { type KubernetesObject, text } from "../kubernetes/object";
import { controlPlaneLabel, controlPlanePool, poolLabel } from "../kubernetes/labels";

/** The pool of a live Machine: `control-plane`, or the worker pool's name; undefined when its labels do not say it. */
export function machinePool({ metadata: { labels = {} } }: KubernetesObject): string | undefined {
  return controlPlaneLabel in labels ? controlPlanePool : labels[poolLabel];
}

/**
 * How often Metal3 reboots an unhealthy machine of a pool; 0 leaves it to Cluster API, which replaces the machine. The only
 * control plane machine is never replaced, so it is rebooted.
 */
export function rebootsOf(
  pool: string,
  { replicas, healthCheck }: Pick<WorkerPool, "replicas" | "healthCheck">,
): number {
  return healthCheck.reboots ?? (pool === controlPlanePool && replicas === 1 ? 2 : 0);
}

/** The worker pool of a MachineDeployment, planned or live; undefined when it selects none. */
export function deploymentPool(deployment: KubernetesObject): string | undefined {
  return text(deployment, "spec", "selector", "matchLabels", poolLabel);
}
