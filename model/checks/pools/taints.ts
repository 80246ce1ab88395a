import type { Stack } from "../../stack/schema";
import { isControlPlaneSchedulable, sizeOf } from "../../plan/machines";
import { type Check, defineCheck, duplicates } from "../check";
import { isLabelKey, isLabelValue } from "./labels";

/** Every taint of the worker pools, with its place. */
function taintsOf(stack: Stack) {
  return stack.workers.flatMap(({ taints }, i) =>
    taints.map((taint, j) => ({ taint, at: `workers[${i}].taints[${j}]` })),
  );
}

/** Keys that a controller manages; Cilium's own taint is allowed, because it is meant to be set at registration. */
const reserved: readonly { readonly matches: RegExp; readonly owner: string }[] = [
  { matches: /^node\.kubernetes\.io\//, owner: "the node controller sets and removes it" },
  {
    matches: /^node\.cloudprovider\.kubernetes\.io\//,
    owner: "only a cloud controller removes it, and bare metal has none",
  },
  { matches: /^node\.cluster\.x-k8s\.io\//, owner: "Cluster API sets and removes it" },
  {
    matches: /^node-role\.kubernetes\.io\/(control-plane|master)$/,
    owner: "kubeadm sets it on the control plane",
  },
];

/** Checks of the taints of worker pools. */
export const taintChecks: readonly Check[] = [
  defineCheck({
    id: "pools/taints-wellformed",
    summary: "Taints have the syntax of Kubernetes taints.",
    why: "kubeadm join cannot register a node with a taint that the API server refuses",
    run: (stack) =>
      taintsOf(stack).flatMap(({ taint: { key, value = "" }, at }) => [
        isLabelKey(key)
          ? []
          : {
              at: `${at}.key`,
              problem: `"${key}" is not a taint key`,
              fix: "write a name of at most 63 letters, digits, dashes, dots, with a domain before it: example.com/dedicated",
            },
        isLabelValue(value)
          ? []
          : {
              at: `${at}.value`,
              problem: `"${value}" is not a taint value`,
              fix: "use at most 63 letters, digits, dashes, dots and underscores",
            },
      ]),
  }),
  defineCheck({
    id: "pools/taints-unique",
    summary: "Each taint of a pool has a distinct key and effect.",
    why: "the API server refuses a node with a duplicate key and effect, so the machines never join",
    run: (stack) =>
      stack.workers.flatMap(({ taints }, i) =>
        duplicates(
          taints.map(({ key, effect }, j) => ({
            text: `${key}:${effect}`,
            at: `workers[${i}].taints[${j}]`,
          })),
          "remove one of the two",
        ),
      ),
  }),
  defineCheck({
    id: "pools/taints-not-reserved",
    summary: "Taints do not use keys that a controller manages.",
    why: "a controller removes the taint, or none ever does and nothing is scheduled",
    run: (stack) =>
      taintsOf(stack).flatMap(({ taint: { key }, at }) => {
        const match = reserved.find(({ matches }) => matches.test(key));
        if (match === undefined) return [];
        return {
          at: `${at}.key`,
          problem: `"${key}" is reserved: ${match.owner}`,
          fix: "use a key of your own domain, such as example.com/dedicated",
        };
      }),
  }),
  defineCheck({
    id: "pools/workloads-schedulable",
    summary: "At least one pool accepts pods without tolerations.",
    why: "pods without a toleration, including those of most charts, stay pending",
    severity: "warning",
    run: (stack) => {
      const { workers } = stack;
      if (isControlPlaneSchedulable(stack)) return [];
      const inUse = workers.filter((pool) => sizeOf(pool).most > 0);
      const closed = inUse.every(({ taints }) => taints.some(({ effect }) => effect !== "PreferNoSchedule"));
      if (inUse.length === 0) {
        return {
          at: "controlPlane.schedulable",
          problem:
            "there is no worker machine, and pods without a toleration do not run on the control plane",
          fix: "write true, or give a worker pool machines",
        };
      }
      if (!closed) return [];
      return {
        at: "workers",
        problem: `every worker pool (${inUse.map(({ name }) => name).join(", ")}) repels pods that do not tolerate its taints`,
        fix: "leave one pool without NoSchedule and NoExecute, or use PreferNoSchedule",
      };
    },
  }),
];
