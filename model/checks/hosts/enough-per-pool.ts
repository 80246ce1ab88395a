import type { Stack } from "../../config/schema";
import { hostsOf } from "../../plan/addressing";
import { controlPlanePool } from "../../plan/labels";
import { defineCheck } from "../check";

export const enoughPerPool = defineCheck({
  id: "hosts/enough-per-pool",
  why: "a machine without a host waits for ever",
  run: (stack) => [
    ...tooFew(stack, controlPlanePool, stack.controlPlane.replicas, "controlPlane.replicas"),
    ...stack.workers.flatMap(({ name, replicas }, i) =>
      tooFew(stack, name, replicas, `workers[${i}].replicas`),
    ),
  ],
});

function tooFew(stack: Stack, pool: string, replicas: number, at: string) {
  const hosts = hostsOf(stack, pool).length;
  if (hosts >= replicas) return [];
  return [
    {
      at,
      problem: `${replicas} machines of pool ${pool} need as many hosts, there are ${hosts}`,
      fix: `add ${replicas - hosts} to hosts, or write ${hosts}`,
    },
  ];
}
