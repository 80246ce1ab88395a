import type { MachinePool } from "../machine-pools";

/** How many machines of a pool may be unhealthy and still be mended, as Cluster API rounds it; undefined when it cannot be read. */
export function allowance({ healthCheck, replicas }: MachinePool): number | undefined {
  const [, number, percent] = /^(\d+)(%?)$/.exec(healthCheck.maxUnhealthy) ?? [];
  if (number === undefined || (percent === "%" && Number(number) > 100)) return undefined;
  return percent === "%" ? Math.floor((Number(number) * replicas) / 100) : Number(number);
}
