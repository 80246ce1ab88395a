import { isControlPlaneSchedulable } from "../../plan/machines";
import { defineCheck } from "../check";

export const workloadsSchedulable = defineCheck({
  id: "pools/workloads-schedulable",
  why: "pods without a toleration, those of most charts among them, stay pending for ever",
  severity: "warning",
  run: (stack) => {
    const { workers } = stack;
    if (isControlPlaneSchedulable(stack)) return [];
    const inUse = workers.filter(({ replicas }) => replicas > 0);
    const closed = inUse.every(({ taints }) => taints.some(({ effect }) => effect !== "PreferNoSchedule"));
    if (inUse.length === 0) {
      return [
        {
          at: "controlPlane.schedulable",
          problem: "there is no worker machine, and ordinary pods are kept from the control plane",
          fix: "write true, or give a worker pool machines",
        },
      ];
    }
    if (!closed) return [];
    return [
      {
        at: "workers",
        problem: `every worker pool (${inUse.map(({ name }) => name).join(", ")}) repels pods that do not tolerate its taints`,
        fix: "leave one pool without NoSchedule and NoExecute, or use PreferNoSchedule",
      },
    ];
  },
});
