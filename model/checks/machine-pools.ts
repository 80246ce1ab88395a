import type { ControlPlane, Stack } from "../config/schema";
import { controlPlanePool } from "../plan/labels";
import { rebootsOf } from "../plan/machine-pool";

/** Machines that are made alike, the control plane among them, and their place in the stack file. */
export interface MachinePool extends Omit<ControlPlane, "name"> {
  /** `controlPlane`, or `workers[0]`. */
  readonly at: string;
  /** Name that hosts refer to. */
  readonly name: string;
}

/** The control plane and every worker pool. */
export function machinePools(stack: Stack): readonly MachinePool[] {
  return [
    { ...stack.controlPlane, at: "controlPlane", name: controlPlanePool },
    ...stack.workers.map((pool, i) => ({ ...pool, at: `workers[${i}]` })),
  ];
}

/** The pools whose unhealthy machines Metal3 reboots, and how often. */
export function rebootedPools(stack: Stack): readonly (MachinePool & { readonly reboots: number })[] {
  return machinePools(stack)
    .filter(({ healthCheck }) => healthCheck.enabled)
    .map((pool) => ({ ...pool, reboots: rebootsOf(pool.name, pool) }))
    .filter(({ reboots }) => reboots > 0);
}

/** Every taint of the worker pools, with its place. */
export function taintsOf(stack: Stack) {
  return stack.workers.flatMap(({ taints }, i) =>
    taints.map((taint, j) => ({ taint, at: `workers[${i}].taints[${j}]` })),
  );
}

/** Every node label of every pool, with its place. */
export function nodeLabelsOf(stack: Stack) {
  return machinePools(stack).flatMap(({ labels, at }) =>
    Object.entries(labels).map(([key, value]) => ({ key, value, at: `${at}.labels.${key}` })),
  );
}
