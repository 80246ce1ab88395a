import { type KubernetesObject, text } from "../kubernetes/object";
import { controlPlaneLabel, controlPlanePool, poolLabel } from "./labels";

/** The pool of a live Machine: `control-plane`, or the worker pool's name; undefined when its labels do not say it. */
export function machinePool({ metadata: { labels = {} } }: KubernetesObject): string | undefined {
  return controlPlaneLabel in labels ? controlPlanePool : labels[poolLabel];
}

/** The worker pool of a MachineDeployment, planned or live; undefined when it selects none. */
export function deploymentPool(deployment: KubernetesObject): string | undefined {
  return text(deployment, "spec", "selector", "matchLabels", poolLabel);
}
