import type { Stack } from "../stack/schema";
import { controlPlanePool } from "../kubernetes/labels";

/** How many machines a pool has, and how many more exist for a while when they are replaced. */
export interface PoolMachines {
  readonly pool: string;
  /** Place of the pool in the stack file. */
  readonly at: string;
  readonly replicas: number;
  readonly surge: number;
}

/** Every pool's machines, the control plane's first. */
export function poolMachines(stack: Stack): readonly PoolMachines[] {
  const { controlPlane, workers } = stack;
  return [
    {
      pool: controlPlanePool,
      at: "controlPlane",
      replicas: controlPlane.replicas,
      surge: controlPlaneSurge(stack),
    },
    ...workers.map(({ name, replicas, rollout }, i) => ({
      pool: name,
      at: `workers[${i}]`,
      replicas,
      surge: rollout.spareHost && replicas > 0 ? 1 : 0,
    })),
  ];
}

/** Cluster API refuses to take a machine away first when there are fewer than three (facts/capi-metal3.md 2.7). */
export function controlPlaneSurge({ controlPlane }: Stack): 0 | 1 {
  return controlPlane.rollout.spareHost || controlPlane.replicas < 3 ? 1 : 0;
}

/** Whether ordinary pods may run on the control plane: without worker pools they have no other place. */
export function isControlPlaneSchedulable({ controlPlane, workers }: Stack): boolean {
  return controlPlane.schedulable ?? workers.length === 0;
}

/** All machines that exist at once while every pool is replaced. */
export function mostMachines(pools: readonly PoolMachines[]): number {
  return pools.reduce((sum, { replicas, surge }) => sum + replicas + surge, 0);
}
