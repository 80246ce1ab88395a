import type { KubernetesObject } from "../../model/kubernetes/object";
import type { ClusterPlan } from "../../model/plan/plan";
import type { Need } from "../../model/live/preflight/permissions";
import { type Grant, dryRunOnly, roleObjects } from "../../model/live/preflight/roles";
import { operatorNeeds, previewNeeds, refreshNeeds, workloadNeeds } from "./stack-rights";

/**
 * Who gets rights: who runs updates and commands, who runs previews, who runs previews with `--refresh` (a search for drift), and
 * who looks at the workload cluster.
 */
export type RightsOf = "operator" | "preview" | "refresh" | "workload";

/** The group that gets a stack's rights unless another is named: `metal:<namespace>:<cluster>[:preview|:refresh|:workload]`. */
export function groupOf({ namespace, name }: ClusterPlan, of: RightsOf): string {
  return ["metal", namespace, name, ...(of === "operator" ? [] : [of])].join(":");
}

/** The roles, bindings and, for previews, the admission policy of a stack. */
export function rightsManifests(
  plan: ClusterPlan,
  of: RightsOf,
  group: string = groupOf(plan, of),
): readonly KubernetesObject[] {
  const name = ["metal", plan.namespace, plan.name, ...(of === "operator" ? [] : [of])].join(".");
  const needs = needsFor[of](plan);
  const grant: Grant = { name, namespace: plan.namespace, group };
  return [...(of === "operator" ? [] : dryRunOnly(needs, grant)), ...roleObjects(needs, grant)];
}

const needsFor: Readonly<Record<RightsOf, (plan: ClusterPlan) => readonly Need[]>> = {
  operator: operatorNeeds,
  preview: previewNeeds,
  refresh: refreshNeeds,
  workload: workloadNeeds,
};
