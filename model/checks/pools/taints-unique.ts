import { defineCheck, pairs } from "../check";
import { taintsOf } from "../machine-pools";

export const taintsUnique = defineCheck({
  id: "pools/taints-unique",
  why: "the API server refuses a node with one key and effect twice, so the machines never join",
  run: (stack) =>
    pairs(taintsOf(stack))
      .filter(
        ([a, b]) =>
          poolOf(a.at) === poolOf(b.at) && a.taint.key === b.taint.key && a.taint.effect === b.taint.effect,
      )
      .map(([a, b]) => ({
        at: b.at,
        problem: `"${b.taint.key}:${b.taint.effect}" is already ${a.at}`,
        fix: "remove one of the two",
      })),
});

function poolOf(at: string): string {
  return at.slice(0, at.indexOf("."));
}
