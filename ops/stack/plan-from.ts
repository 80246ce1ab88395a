import path from "node:path";
import type { Stack } from "../../model/stack/schema";
import { planCluster } from "../../model/plan/plan-cluster";
import type { ClusterPlan } from "../../model/plan/plan";

/** The plan, with the kubeconfig's path as seen from the project's directory. */
export function planFrom(directory: string, stack: Stack): ClusterPlan {
  const plan = planCluster(stack);
  const { kubeconfig } = plan.management;
  if (kubeconfig === undefined) return plan;
  return { ...plan, management: { ...plan.management, kubeconfig: path.resolve(directory, kubeconfig) } };
}
