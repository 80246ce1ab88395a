import type { Stack } from "../../config/schema";
import type { CheckResult } from "../check";

/**
 * A check's run over the machine settings of the stack and then over those of each pool that has its own. `judge` names
 * places below `machines`, which become those of the pool.
 */
export function ofEachMachines(
  judge: (stack: Stack) => readonly CheckResult[],
): (stack: Stack) => readonly CheckResult[] {
  return (stack) => [
    ...judge(stack),
    ...stack.workers.flatMap(({ machines: own }, i) =>
      own === undefined
        ? []
        : judge({ ...stack, machines: { ...stack.machines, ...own } }).map((result) => ({
            ...result,
            at: result.at.replace(/^machines\b/, `workers[${i}].machines`),
          })),
    ),
  ];
}
