import type { ControlPlane, Stack } from "../stack/schema";
import { controlPlanePool } from "../kubernetes/labels";

/** A pool of machines, or the control plane, with its place in the stack file. */
export interface MachinePool extends Omit<ControlPlane, "name"> {
  /** `controlPlane`, or `workers[0]`. */
  readonly at: string;
  /** Name that hosts refer to. */
  readonly name: string;
}

/** The number of machines of all pools. */
export function machineCount(stack: Stack): number {
  return machinePools(stack).reduce((sum, { replicas }) => sum + replicas, 0);
}

/** The control plane and every worker pool. */
export function machinePools(stack: Stack): readonly MachinePool[] {
  return [
    { ...stack.controlPlane, at: "controlPlane", name: controlPlanePool },
    ...stack.workers.map((pool, i) => ({ ...pool, at: `workers[${i}]` })),
  ];
}
