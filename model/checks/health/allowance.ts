import type { MachinePool } from "../machine-pools";

/**
 * How many machines of a pool may be unhealthy and still be mended; undefined when it cannot be read. Cluster API rounds a
 * share down, which for one or two machines is none at all: a share that is not 0% is one machine at least.
 */
export function allowance({
  healthCheck,
  replicas,
}: Pick<MachinePool, "healthCheck" | "replicas">): number | undefined {
  const [, number, percent] = /^(\d+)(%?)$/.exec(healthCheck.maxUnhealthy) ?? [];
  if (number === undefined || (percent === "%" && Number(number) > 100)) return undefined;
  if (percent !== "%" || Number(number) === 0) return Number(number);
  return Math.max(1, Math.floor((Number(number) * replicas) / 100));
}
